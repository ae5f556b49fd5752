"""JupyterHub's configuration, read by `jupyterhub -f`; `run` says everything through HUB_SETTINGS, a JSON file."""

import asyncio
import json
import os
from pathlib import Path
from secrets import compare_digest

from jupyterhub.auth import Authenticator

from utils.course.hub.folder import ClassFolder
from utils.course.hub.learners import login_for
from utils.course.hub.walls import WalledSpawner

settings = json.loads(Path(os.environ["HUB_SETTINGS"]).read_text(encoding="utf-8"))
folder = ClassFolder(Path(settings["folder"]))
tokens = folder.secrets()


class ClassAuthenticator(Authenticator):
    """Those in the class, by the passwords that they were given: twelve letters by chance, too many to be guessed."""

    async def authenticate(self, handler, data):
        """The login, where the password is that login's own."""
        login, password = data["username"].strip().lower(), data["password"].strip()
        login = login if login in settings["people"] else login_for(login, set())  # a full name will do as well
        known = settings["people"].get(login, "")
        right = compare_digest(known.encode() or os.urandom(16), password.encode())
        if not right:
            await asyncio.sleep(1)
        return login if right else None


c = get_config()  # noqa: F821 (JupyterHub's, where it reads this file)
c.JupyterHub.authenticator_class = ClassAuthenticator
c.Authenticator.allowed_users = set(settings["people"])
c.Authenticator.admin_users = {settings["teacher"]}
c.JupyterHub.admin_access = False
c.JupyterHub.spawner_class = WalledSpawner
c.WalledSpawner.folder = settings["folder"]
c.WalledSpawner.cache = settings["cache"]
c.WalledSpawner.cores = settings["cores"]
c.Spawner.mem_limit = settings["memory"]
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 120
c.Spawner.disable_user_config = True
c.JupyterHub.concurrent_spawn_limit = 8
c.JupyterHub.template_vars = {"announcement": settings["announcement"], "announcement_login": ""}
c.JupyterHub.template_paths = [str(Path(__file__).parent / "templates" / "hub")]
c.JupyterHub.default_url = "/services/class/"  # where everybody begins: from there a learner opens their notebooks

c.JupyterHub.bind_url = settings["url"]
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings['ports']['hub']}"
c.ConfigurableHTTPProxy.should_start = False  # `run` keeps it alive, so that it outlives the hub
c.ConfigurableHTTPProxy.auth_token = tokens["proxy"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings['ports']['proxy']}"
c.JupyterHub.cleanup_servers = False  # learners' kernels go on while the hub is started again
c.JupyterHub.cleanup_proxy = False
c.JupyterHub.cookie_secret = bytes.fromhex(tokens["cookie"])
c.JupyterHub.db_url = f"sqlite:///{folder.state / 'hub.sqlite'}"
c.JupyterHub.shutdown_on_logout = False

page = f"http://127.0.0.1:{settings['ports']['page']}"
c.JupyterHub.services = [
    {
        "name": "class",
        "url": page,
        "api_token": tokens["page"],
        "oauth_no_confirm": True,
        "display": True,
    },
    {"name": "culler", "api_token": tokens["culler"]},
]
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", "access:services!service=class"]},
    {"name": "server", "scopes": ["users:activity!user", "access:servers!server", "access:services!service=class"]},
    {"name": "page", "scopes": ["list:users", "read:users:activity", "read:servers"], "services": ["class"]},
    {
        "name": "culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["culler"],
    },
]
