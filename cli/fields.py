"""What answers to the wizard are called on the command line."""

OPTIONS = {
    "__all__": "",
    "non_field_errors": "",
    "file": "",
    "file_path": "FILE",
    "release_type": "--type",
    "rule_id": "--profile",
    "template_id": "--template",
    "volumes": "--volume-size",
}
"""Those that are not called as in its forms; empty where the sentence says it all."""


def with_option(field: str, sentence: str) -> str:
    name = OPTIONS.get(field, f"--{field.replace('_', '-')}")
    return f"{name}: {sentence}" if name else sentence
