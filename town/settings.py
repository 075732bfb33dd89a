"""Every setting of an installation, a sentence each: defaults, then `instance/settings.toml`, then `TOWN_*`."""

import ipaddress
import re
import secrets
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def private_address(wish: str) -> tuple[str, int]:
    """`127.0.0.1:9095` or `[::1]:9095`. Raises `ValueError` for anything else, and for an address open to everybody."""
    host, _colon, port = wish.rpartition(":")
    address = ipaddress.ip_address(host.strip("[]"))
    if address.is_unspecified or address.is_global or not 0 < int(port) < 65536:
        raise ValueError("name an address of this machine or of a private network, and a port: 127.0.0.1:9095")
    return str(address), int(port)


class Settings(BaseSettings):
    """The settings of one installation, which may hold many towns.

    Raises `pydantic.ValidationError`, whose text names the variable, when production would start unsafe.
    """

    model_config = SettingsConfigDict(env_prefix="TOWN_", extra="ignore")

    env: Literal["development", "production"] = Field(
        "production", description="Development serves plain http on this machine and writes mail to files."
    )
    instance: Path = Field(Path("instance"), description="The folder that holds the towns' files, pictures and keys.")
    secret_key: SecretStr | None = Field(
        None, description="Signs and peppers everything; production refuses to start without it."
    )
    secret_key_fallbacks: list[SecretStr] = Field(
        [], description="Former secret keys: what they signed is still read while they stand here."
    )
    database_url: str | None = Field(
        None, description="A PostgreSQL address: towns then live in schemas of that database instead of SQLite files."
    )
    staff_2fa: Literal["on", "off"] = Field(
        "on", description="Asks staff for a second factor; off is refused in production and the default in development."
    )
    rate_limits: Literal["on", "off"] = Field("on", description="Slows down guessing; off is refused in production.")
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many reverse proxies stand in front and may name the visitor's address."
    )
    engines: int = Field(256, ge=1, description="How many towns' databases a worker keeps open at once.")
    default_town: str | None = Field(
        None, description="The town that localhost answers for in development when there are several."
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="The mail server, as smtp://user:password@host:587 or smtps://; without it mail lands in files.",
    )
    mail_from: str = Field("Clocher <clocher@localhost>", description="The sender of the town's e-mails.")
    push_service: str | None = Field(
        None,
        description="A push service on this machine, as http://127.0.0.1:9000, for tests; refused in production.",
    )
    public_scheme: Literal["http", "https"] | None = Field(
        None, description="The scheme of links in e-mails; https in production unless told otherwise."
    )
    backup_recipients: Annotated[list[str], NoDecode] = Field(
        [], description="The operator's public keys (age1…): backups are sealed to them, and production asks for one."
    )
    backup_folder: Path | None = Field(
        None, description="Where backups go, best another disk; `backups` in the instance folder when it is not said."
    )
    metrics: str | None = Field(
        None, description="Where figures for Prometheus may be read, such as 127.0.0.1:9095; nowhere by default."
    )
    port: int | None = Field(None, description="The port of links in e-mails, when it is not the scheme's own.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        folder = (init_settings().get("instance") or env_settings().get("instance")) or "instance"
        file = TomlConfigSettingsSource(settings_cls, Path(folder) / "settings.toml")
        return init_settings, env_settings, file

    @field_validator("backup_recipients", mode="before")
    @classmethod
    def read_keys(cls, said: object) -> object:
        """From the environment: keys between spaces or commas, quoted and in brackets or not."""
        return re.findall(r"[\w-]+", said) if isinstance(said, str) else said

    @model_validator(mode="after")
    def be_easy_in_development(self) -> "Settings":
        if self.development and "staff_2fa" not in self.model_fields_set:
            self.staff_2fa = "off"
        return self

    @model_validator(mode="after")
    def refuse_an_unsafe_start(self) -> "Settings":
        if self.env == "production":
            if self.secret_key is None or len(self.secret_key.get_secret_value()) < 32:
                raise ValueError("TOWN_SECRET_KEY must hold at least 32 characters in production")
            if self.staff_2fa == "off":
                raise ValueError("TOWN_STAFF_2FA=off is refused in production")
            if self.rate_limits == "off":
                raise ValueError("TOWN_RATE_LIMITS=off is refused in production")
            if self.push_service is not None:
                raise ValueError("TOWN_PUSH_SERVICE is refused in production: phones come with their own")
        return self

    @field_validator("metrics")
    @classmethod
    def keep_figures_private(cls, wish: str | None) -> str | None:
        if wish:
            private_address(wish)
        return wish

    @property
    def development(self) -> bool:
        return self.env == "development"

    @property
    def scheme(self) -> str:
        return self.public_scheme or ("http" if self.development else "https")

    def every_key(self) -> list[str]:
        """The secret key, then the former ones that are still believed."""
        return [self.key(), *(former.get_secret_value() for former in self.secret_key_fallbacks)]

    def key(self) -> str:
        """The secret key; development makes one the first time and keeps it in the instance folder."""
        if self.secret_key is None:
            self.secret_key = SecretStr(self._development_key())
        return self.secret_key.get_secret_value()

    def _development_key(self) -> str:
        file = self.instance / "development.key"
        if not file.exists():
            self.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(48))
        return file.read_text()
