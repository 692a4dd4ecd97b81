"""The nouns everybody shares, and what is known of them: standard library only."""
