"""Thin Dagster assets: fetch → parse → merge → metadata. What is fetched is api's, stored warehouse's."""
