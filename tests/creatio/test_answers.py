"""What an answer means: its body first, for its status is not always honest."""

import json
from typing import Any

import pytest

from gateway.creatio.answers import Meaning, understand
from gateway.creatio.model import read_model
from gateway.http_client.client import Reply

JSON = {"content-type": "application/json; charset=utf-8"}
HTML = {"content-type": "text/html; charset=utf-8"}


def envelope(message: str, inner: str = "", cause: str = "", kind: str = "") -> dict[str, Any]:
    told: dict[str, Any] = {"message": inner, "type": kind, "stacktrace": ""}
    if cause:
        told["internalexception"] = {"message": cause, "type": "", "stacktrace": ""}
    return {"error": {"code": "", "message": message, "innererror": told}}


FOREIGN_KEY = envelope("An error has occurred.", '23503: insert or update on table "Case" violates a constraint')
CASES: list[tuple[str, int, Any, Meaning, bool]] = [
    ("rows", 200, {"@odata.context": "…", "value": []}, Meaning.GOOD, False),
    ("a row with a column called Message", 200, {"@odata.context": "…", "Message": "Hello"}, Meaning.GOOD, False),
    ("a row that has an Id", 201, {"Id": "1", "Message": "Hello"}, Meaning.GOOD, False),
    ("a sign-in's answer", 200, {"Code": 1, "Message": "Wrong"}, Meaning.GOOD, False),
    ("a refused question", 400, envelope("The query is not valid.", "No property 'Foo'."), Meaning.REFUSED, True),
    ("the same with 200", 200, envelope("The request is invalid.", "No property 'Foo'."), Meaning.REFUSED, False),
    ("a foreign key", 500, FOREIGN_KEY, Meaning.REFUSED, True),
    (
        "an unknown accident",
        500,
        envelope("An error has occurred.", "Object reference not set"),
        Meaning.REFUSED,
        False,
    ),
    (
        "a right that is missing",
        500,
        envelope("An error has occurred.", 'Current user does not have permissions for the "Case" object'),
        Meaning.DENIED,
        False,
    ),
    (
        "an exception of the security",
        500,
        envelope("x", "y", kind="System.Security.SecurityException"),
        Meaning.DENIED,
        False,
    ),
    ("OData is rebuilt", 404, {"Message": "No HTTP resource was found that matches …"}, Meaning.REBUILDING, False),
    ("a collection that was modified", 200, envelope("x", "Collection was modified; …"), Meaning.BROKEN, False),
    ("no access", 401, {"Message": "Authorization has been denied for this request."}, Meaning.SIGNED_OUT, False),
    ("no access with 200", 200, {"Message": "Authentication failed.", "StackTrace": None}, Meaning.SIGNED_OUT, False),
    ("too many calls", 429, {"Message": "Too many requests."}, Meaning.BUSY, False),
    ("the binder", 400, {"Message": "The request is invalid.", "ModelState": {"item": ["x"]}}, Meaning.REFUSED, True),
    ("the older service", 200, {"success": False, "errorInfo": {"message": "Too large"}}, Meaning.REFUSED, False),
    ("the data service", 200, {"responseStatus": {"ErrorCode": "x", "Message": "No"}}, Meaning.REFUSED, False),
    ("an upload that went well", 200, {"success": True, "errorInfo": None}, Meaning.GOOD, False),
]


@pytest.mark.parametrize(
    ("status", "body", "meaning", "about_content"), [one[1:] for one in CASES], ids=[c[0] for c in CASES]
)
def test_a_json_answer_is_understood(status: int, body: Any, meaning: Meaning, about_content: bool) -> None:
    answer = understand(Reply(status, JSON, json.dumps(body).encode()))
    assert (answer.meaning, answer.is_about_content) == (meaning, about_content)


@pytest.mark.parametrize(
    ("status", "page", "meaning"),
    [
        (200, "<html>require(['bootstrap.login'])</html>", Meaning.SIGNED_OUT),
        (200, '<a href="/Login/NuiLogin.aspx">', Meaning.SIGNED_OUT),
        (200, "<html>Request unsuccessful. Incapsula incident ID: 0</html>", Meaning.PAGE),
        (403, "<html>Request unsuccessful. Incapsula incident ID: 0</html>", Meaning.PAGE),
        (404, "<title>404 - File or directory not found.</title>", Meaning.MISSING),
        (503, "<title>Service Unavailable</title>", Meaning.BROKEN),
        (500, "<title>Request Error</title>", Meaning.BROKEN),
    ],
)
def test_a_page_is_never_data(status: int, page: str, meaning: Meaning) -> None:
    for headers in (HTML, {}):
        assert understand(Reply(status, headers, page.encode())).meaning is meaning


@pytest.mark.parametrize(("target", "meaning"), [("/Login/NuiLogin.aspx?x", Meaning.SIGNED_OUT), ("/", Meaning.PAGE)])
def test_a_redirection_to_the_login_is_an_ended_sign_in(target: str, meaning: Meaning) -> None:
    assert understand(Reply(302, {"location": target})).meaning is meaning


def test_json_that_breaks_off_is_no_answer_and_nothing_at_all_is_one() -> None:
    assert understand(Reply(200, JSON, b'{"value": [{"Id"')).meaning is Meaning.BROKEN
    assert understand(Reply(204, {})).meaning is Meaning.GOOD


def test_xml_is_good_only_when_its_status_is() -> None:
    xml = {"content-type": "application/xml; charset=utf-8"}
    assert understand(Reply(200, xml, b"<edmx/>")).value == "<edmx/>"
    assert understand(Reply(503, xml, b"<error/>")).meaning is Meaning.BROKEN
    assert understand(Reply(400, {"content-type": "text/plain"}, b"Bad Request")).meaning is Meaning.REFUSED


def test_a_files_bytes_are_not_read_as_json_but_an_error_in_their_place_is() -> None:
    text = {"content-type": "application/octet-stream"}
    assert understand(Reply(200, text, b"{not json"), stream=True).body == b"{not json"
    assert understand(Reply(200, JSON, json.dumps(FOREIGN_KEY).encode()), stream=True).meaning is Meaning.REFUSED
    assert understand(Reply(200, HTML, b"bootstrap.login"), stream=True).meaning is Meaning.SIGNED_OUT


def test_the_innermost_sentence_of_an_error_is_told() -> None:
    wrapped = envelope("An error has occurred.", "failed to serialize", "Column by path X not found in schema Y.")
    assert understand(Reply(500, JSON, json.dumps(wrapped).encode())).why == "Column by path X not found in schema Y."


def test_a_model_is_read_whatever_the_order_of_its_attributes() -> None:
    csdl = """<Schema><EntityType Name='Case'><Key><PropertyRef Name="Id"/></Key>
      <Property Type="Edm.Guid" Name="Id" Nullable="false"/>
      <Property Name="Subject" MaxLength="500" Type="Edm.String"></Property>
      <Property Name="StatusId" Type="Edm.Guid" />
      <NavigationProperty Name="Status" Type="Terrasoft.Configuration.OData.CaseStatus" Partner="StatusId">
        <ReferentialConstraint Property="StatusId" ReferencedProperty="Id" /></NavigationProperty>
      <NavigationProperty Name="ActivityCollectionByCase" Type="Collection(Terrasoft.Configuration.OData.Activity)"/>
      </EntityType><EntityType Name="CaseStatus"><Property Name="Name" Type="Edm.String"/></EntityType></Schema>"""
    model = read_model(csdl)
    case = model["Case"]
    assert (case.columns["Subject"].length, case.columns["Id"].required) == (500, True)
    assert case.lookups == {"StatusId": "CaseStatus"}
    assert set(model) == {"Case", "CaseStatus"}
