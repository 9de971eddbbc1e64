#!/bin/sh
# Writes the secrets that compose.yaml mounts into ./secrets, or the folder that is named; what is
# there stays. Keep a copy of credential_keys elsewhere: without it stored credentials are lost.
set -eu
folder=${1:-secrets}
umask 077
mkdir -p "$folder"

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'; }
keep() { [ -s "$folder/$1" ] || { printf '%s\n' "$2" > "$folder/$1"; echo "$folder/$1 is written"; }; }

keep secret_key "$(random 48)"
keep jwt_secret_key "$(random 48)"
keep credential_keys "$(random 32)"
keep database_password "$(random 24)"
keep database_url "mysql://packer:$(cat "$folder/database_password")@database:3306/packer"
