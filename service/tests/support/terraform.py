"""Terraform, where it is installed together with the provider of AWS, pointed at the service.

Nothing is downloaded: the provider is taken from a directory on this machine, laid out as
Terraform's filesystem mirrors are.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from support.service_process import ServiceProcess

#: names the mirror where it lies elsewhere
MIRROR_VARIABLE = "GLUEBALL_TERRAFORM_MIRROR"
_PROVIDER = Path("registry.terraform.io", "hashicorp", "aws")
_USUAL_MIRRORS = ("~/.terraform.d/plugins", "/usr/share/terraform/plugins", "/opt/tf-plugins")
_SECONDS = 600


def mirror() -> Path | None:
    """Return the directory that has the provider; None where Terraform cannot be used."""
    if shutil.which("terraform") is None:
        return None
    return next((path for path in _mirrors() if (path / _PROVIDER).is_dir()), None)


def _mirrors() -> Iterator[Path]:
    if MIRROR_VARIABLE in os.environ:
        yield Path(os.environ[MIRROR_VARIABLE])
    configuration = Path(os.environ.get("TF_CLI_CONFIG_FILE") or "~/.terraformrc").expanduser()
    if configuration.is_file():
        for path in re.findall(r'\bpath\s*=\s*"([^"]+)"', configuration.read_text()):
            yield Path(path)
    for path in _USUAL_MIRRORS:
        yield Path(path).expanduser()


class Terraform:
    """One configuration in a directory of its own.

    Args:
        directory: holds the `.tf` files; what Terraform writes lies there, too.
        plugins: the mirror of the provider.
        service: what is asked in the place of AWS.
        variables: those of the configuration.
    """

    def __init__(
        self,
        directory: Path,
        plugins: Path,
        service: ServiceProcess,
        variables: Mapping[str, str],
    ) -> None:
        self._directory = directory
        settings = directory / "terraform.rc"
        settings.write_text(
            f'provider_installation {{\n  filesystem_mirror {{ path = "{plugins}" }}\n}}\n'
        )
        self._environment = {
            **service.environment(),
            **{f"TF_VAR_{name}": value for name, value in variables.items()},
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Terraform to its end."""
        return subprocess.run(
            ["terraform", command, "-no-color", *options],
            cwd=self._directory,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def do(self, command: str, *options: str) -> str:
        """Run a command that must succeed; return what it printed.

        Raises:
            AssertionError: it failed.
        """
        done = self.run(command, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
