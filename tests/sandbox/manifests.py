"""Checks the manifests of packaging/: the Kubernetes objects against the schemas of Kubernetes, and the environment of both
manifests against the server's configuration. Usage: manifests.py BINARY"""

import os
import subprocess
import sys
import tempfile

import kubernetes_validate
import yaml


def accepts(binary, environment, name):
    with tempfile.TemporaryDirectory() as directory:
        secret = os.path.join(directory, "database-url")
        with open(os.open(secret, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write("postgres://fieldguard@database/fieldguard\n")
        environment |= {"FIELDGUARD_DATABASE_URL_FILE": secret}
        ran = subprocess.run([binary, "config", "show"], env=environment, cwd=directory, capture_output=True, text=True)
    if ran.returncode:
        sys.exit(f"{name}: {ran.stderr}")
    for variable, value in environment.items():
        if variable.endswith("_FILE"):
            continue
        if value not in ran.stdout:
            sys.exit(f"{name}: {variable} has no effect")


binary = os.path.abspath(sys.argv[1])
with open("packaging/kubernetes.yaml") as file:
    objects = list(yaml.safe_load_all(file))
for one in objects:
    kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)
deployment = next(one for one in objects if one["kind"] == "Deployment")
(container,) = deployment["spec"]["template"]["spec"]["containers"]
accepts(binary, {item["name"]: item["value"] for item in container["env"]}, "kubernetes.yaml")

with open("packaging/compose.yaml") as file:
    compose = yaml.safe_load(file)
server = compose["services"]["server"]
values = {name: str(value).replace("${HOST:?the name that clients use}", "id.example.org") for name, value in server["environment"].items()}
accepts(binary, values, "compose.yaml")
named = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
if named != set(compose["secrets"]):
    sys.exit(f"compose.yaml: the secrets are {compose['secrets']}, and the services use {named}")
print("manifests: ok")
