"""Who may sign in: accounts and invitations, by the API and by the page."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.log import event, get
from gateway.pipeline.people import Done, NotDone, Result
from gateway.store import accounts
from gateway.web import auth, passwords
from gateway.web.operations import answer, read_body
from gateway.web.surroundings import Door, around, door, parts

log = get("web")
_NO_NAME = NotDone("a name has 1 to 100 characters, and no slash")


async def list_accounts(request: Request, person: str) -> Response:
    return JSONResponse({"accounts": await parts(request).store.read(accounts.names)})


async def add_account(request: Request, person: str) -> Response:
    said = await read_body(request)
    return answer(await set_password(request, str(said.get("name") or ""), str(said.get("password") or ""), person))


async def remove_account(request: Request, person: str) -> Response:
    return answer(await remove(request, str(request.path_params["name"]), person))


async def invite(request: Request, person: str) -> Response:
    said = await read_body(request)
    made = await make_invitation(request, str(said.get("name") or ""), person)
    return answer(made) if isinstance(made, NotDone) else JSONResponse({"url": made})


async def set_password(request: Request, written: str, password: str, by: str) -> Result:
    """Add an account, or change its password, which signs it out everywhere."""
    name = auth.readable_name(written)
    if not name:
        return _NO_NAME
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        return NotDone(f"a password has {passwords.SHORTEST} characters or more (up to {passwords.LONGEST})")
    async with around(request).hashing:
        hashed = await passwords.hash_password(password)
    new = await parts(request).store.write(accounts.set_password, name, hashed)
    event(log, "account_added" if new else "password_changed", account=name, by=by)
    return Done(f"{name} can sign in." if new else f"The password of {name} is changed.")


async def remove(request: Request, name: str, by: str) -> Result:
    if not await parts(request).store.write(accounts.remove, name):
        return NotDone("nobody has that name", missing=True)
    event(log, "account_removed", account=name, by=by)
    return Done(f"{name} cannot sign in any more.")


async def make_invitation(request: Request, written: str, by: str) -> str | NotDone:
    """A link, good for an hour and one visit. From the inbox only for new names: nobody signs in as somebody else."""
    name = auth.readable_name(written)
    if not name:
        return _NO_NAME
    known = await parts(request).store.read(accounts.names)
    if door(request) is not Door.SOCKET and name in known:
        return NotDone(f"{name} has an account already")
    event(log, "invited", account=name, by=by)
    token = around(request).invitations.invite(name)
    return f"{parts(request).settings.public_url.rstrip('/')}/invitation/{token}"
