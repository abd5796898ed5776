# Sets POSTGRESQL_URL to a database server of the tests' own, stopped when the shell ends.
# Sourced by tests/run; leaves the variable empty where PostgreSQL is not installed.
POSTGRESQL_URL=
postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [[ -n $postgres_bin ]]; then
  postgres_dir=$(mktemp -d)
  as_owner=()
  if [[ $(id -u) == 0 ]]; then # PostgreSQL refuses to run as root
    chown postgres "$postgres_dir"
    as_owner=(runuser -u postgres --)
  fi
  stop_postgres() {
    "${as_owner[@]}" "$postgres_bin/pg_ctl" -D "$postgres_dir/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$postgres_dir"
  }
  trap stop_postgres EXIT
  postgres_port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  (
    cd "$postgres_dir"
    "${as_owner[@]}" "$postgres_bin/initdb" -D data -U meyasu --auth trust --encoding UTF8 --locale C >/dev/null
    "${as_owner[@]}" "$postgres_bin/pg_ctl" -D data -w -l server.log \
      -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$postgres_dir -c fsync=off" start >/dev/null
  )
  POSTGRESQL_URL=postgres://meyasu@127.0.0.1:$postgres_port/postgres
fi
