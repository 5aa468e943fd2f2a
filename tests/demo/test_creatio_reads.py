"""Questions to the simulator: the lookup rule, types, limits, order, and what a model looks like."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from tests.demo.creatio_client import EMAIL, OUTGOING, Caller, an_id, signed_in


def turn(simulator: Simulator, **positions: Any) -> None:
    simulator.switches = replace(simulator.switches, **positions)


async def filtered(caller: Caller, condition: str, entity: str = "Case") -> tuple[int, Any]:
    answer = await caller.ask("GET", entity, params={"$filter": condition, "$select": "Id"})
    return answer.status_code, answer.json()


async def test_a_lookup_is_filtered_by_its_path_and_never_by_its_column(caller: Caller) -> None:
    contact = await caller.make("Contact", Name="Ada")
    case = await caller.a_case(ContactId=contact["Id"])
    status, found = await filtered(caller, f"Contact/Id eq {contact['Id']}")
    assert (status, found["value"]) == (200, [{"Id": case["Id"]}])
    status, refused = await filtered(caller, f"ContactId eq {contact['Id']}")
    cause = refused["error"]["innererror"]["internalexception"]["message"]
    assert (status, cause) == (500, "Column by path ContactId not found in schema Case.")
    answer = await caller.ask("GET", "Case", params={"$orderby": "ContactId", "$select": "Id"})
    assert answer.status_code == 500


async def test_a_plain_guid_column_is_filtered_directly(caller: Caller) -> None:
    case = await caller.a_case()
    await caller.make("SocialMessage", EntityId=case["Id"], Message="<p>Hello</p>")
    status, found = await filtered(caller, f"EntityId eq {case['Id']}", "SocialMessage")
    assert (status, len(found["value"])) == (200, 1)


async def test_an_unknown_name_is_refused_by_name(caller: Caller) -> None:
    for options in ({"$filter": "Foo eq 1"}, {"$select": "Foo"}, {"$orderby": "Foo"}, {"$expand": "Foo"}):
        answer = await caller.ask("GET", "Contact", params={"$select": "Id"} | options)
        message = answer.json()["error"]["message"]
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "")
        assert message.endswith(
            "Could not find a property named 'Foo' on type 'Terrasoft.Configuration.OData.Contact'."
        )


@pytest.mark.parametrize(
    "condition",
    [
        f"Id eq '{an_id('x')}'",
        "CreatedOn gt '2026-01-01T00:00:00Z'",
        "Subject eq 7",
        "CreatedOn gt 2026-01-01",
    ],
)
async def test_quoted_guids_and_times_are_a_clash_of_types(caller: Caller, condition: str) -> None:
    status, refused = await filtered(caller, condition)
    assert (status, "incompatible types" in refused["error"]["message"]) == (400, True)


@pytest.mark.parametrize(
    "condition",
    [
        f"Id in ({an_id('a')},{an_id('b')})",
        "Subject eq",
        "(Subject eq 'a'",
        "CreatedOn gt 2026-01-01T00:00:00",
        "Subject eq 'a' and",
        "Subject",
        "length(Subject) eq 3",
        "contains(Subject)",
    ],
)
async def test_what_the_service_does_not_understand_is_refused(caller: Caller, condition: str) -> None:
    status, refused = await filtered(caller, condition)
    assert (status, "error" in refused) == (400, True)


async def test_a_filter_has_at_most_a_hundred_nodes(caller: Caller) -> None:
    def either(count: int) -> str:
        return " or ".join(f"Id eq {an_id(str(n))}" for n in range(count))

    assert (await filtered(caller, either(15)))[0] == 200
    status, refused = await filtered(caller, either(20))
    assert (status, "The node count limit of '100' has been exceeded" in refused["error"]["message"]) == (400, True)


async def test_conditions_mean_what_they_say(caller: Caller) -> None:
    for subject in ("Lamp broken", "Lamp's glass", "Late order"):
        await caller.a_case(Subject=subject)
    for condition, subjects in (
        ("Subject eq 'Lamp''s glass'", {"Lamp's glass"}),
        ("startswith(Subject,'Lamp') and not contains(Subject,'glass')", {"Lamp broken"}),
        ("Subject eq 'Late order' or (Subject ne 'x' and contains(Subject, 'broken'))", {"Late order", "Lamp broken"}),
        ("Status/IsFinal eq false and Status/Name eq 'New'", {"Lamp broken", "Lamp's glass", "Late order"}),
        (
            "CreatedOn ge 2026-05-04T09:00:00Z and CreatedOn lt 2026-05-04T11:00:01+02:00",
            {"Lamp broken", "Lamp's glass", "Late order"},
        ),
        ("Owner/Name ne 'Anna Berg'", set()),
        ("Owner/Id eq null and ClosureDate eq null", {"Lamp broken", "Lamp's glass", "Late order"}),
        ("SolutionRemains gt -1.5", set()),
    ):
        rows = await caller.rows("Case", filter=condition, select="Subject")
        assert {row["Subject"] for row in rows} == subjects, condition


async def test_upper_and_lower_case_matter_to_postgresql_only(caller: Caller, simulator: Simulator) -> None:
    await caller.make("Contact", Name="Ada", Email="Ada@Example.com")
    by_address = {"filter": "Number eq 'ada@example.com'", "select": "ContactId"}
    assert await caller.rows("ContactCommunication", **by_address) == []
    turn(simulator, database="sqlserver")
    assert len(await caller.rows("ContactCommunication", **by_address)) == 1
    turn(simulator, database="postgresql", text_functions="many")
    by_address["filter"] = "tolower(Number) eq 'ada@example.com'"
    assert len(await caller.rows("ContactCommunication", **by_address)) == 1


async def test_rows_have_no_order_that_was_not_asked_for(caller: Caller) -> None:
    ids = [(await caller.a_case(Subject=f"{n}"))["Id"] for n in range(6)]
    assert [row["Id"] for row in await caller.rows("Case", select="Id")] == sorted(ids)
    rows = await caller.rows("Case", select="Subject", orderby="Status/Name, Subject desc", top="2", skip="1")
    assert [row["Subject"] for row in rows] == ["4", "3"]


async def test_a_page_has_a_count_when_asked_and_never_a_next_link(caller: Caller) -> None:
    for n in range(3):
        await caller.a_case(Subject=f"{n}")
    answer = (await caller.ask("GET", "Case?$select=Id&$top=1&$count=true")).json()
    assert (answer["@odata.count"], len(answer["value"])) == (3, 1)
    assert set(answer) == {"@odata.context", "@odata.count", "value"}
    count = await caller.ask("GET", "Case/$count")
    assert (count.text, count.headers["content-type"].split(";")[0]) == ("3", "text/plain")


async def test_twenty_thousand_rows_are_the_most(caller: Caller, simulator: Simulator) -> None:
    for _ in range(20_001):
        simulator.tenant.add_raw("Blacklist", Name="x")
    assert (await caller.ask("GET", "Blacklist?$select=Id")).status_code == 500
    for top in ("30000", "20000"):
        assert len(await caller.rows("Blacklist", select="Id", top=top)) == 20_000


async def test_expanding_goes_two_steps_and_no_further(caller: Caller) -> None:
    contact = await caller.make("Contact", Name="Ada")
    case = await caller.a_case(ContactId=contact["Id"])
    await caller.a_mail(case)
    deep = "Case($select=Number;$expand=Contact($select=Name))"
    [mail] = await caller.rows("Activity", select="Title", expand=deep)
    assert mail == {"Title": "Late order", "Case": {"Number": case["Number"], "Contact": {"Name": "Ada"}}}
    [back] = await caller.rows("Case", select="Id", expand="ActivityCollectionByCase($select=Title)")
    assert back["ActivityCollectionByCase"] == [{"Title": "Late order"}]
    deeper = "Case($select=Number;$expand=Contact($select=Name;$expand=Owner($select=Name)))"
    assert (await caller.ask("GET", "Activity", params={"$select": "Title", "$expand": deeper})).status_code == 400


async def test_whole_cases_and_contacts_are_not_given(caller: Caller, simulator: Simulator) -> None:
    case = await caller.a_case()
    for path in ("Case", f"Case({case['Id']})", "Contact?$top=1"):
        refused = await caller.ask("GET", path)
        assert (refused.status_code, "failed to serialize" in refused.text) == (500, True)
    turn(simulator, whole_row="given")
    assert (await caller.ask("GET", f"Case({case['Id']})")).json()["Subject"] == "Late order"


async def test_a_binary_column_cannot_be_selected(caller: Caller) -> None:
    refused = await caller.ask("GET", "ActivityFile?$select=Id,Data")
    assert (refused.status_code, "Parameter name: property" in refused.text) == (500, True)


async def test_mails_of_a_case_can_perhaps_not_be_asked_for(caller: Caller, simulator: Simulator) -> None:
    case = await caller.a_case()
    await caller.a_mail(case)
    condition = f"Case/Id eq {case['Id']}"
    assert len((await filtered(caller, condition, "Activity"))[1]["value"]) == 1
    turn(simulator, activity_by_case="refused")
    assert (await filtered(caller, condition, "Activity"))[0] == 500
    polled = f"Type/Id eq {EMAIL} and MessageType/Id eq {OUTGOING} and ModifiedOn ge 2026-01-01T00:00:00Z"
    assert (await filtered(caller, polled, "Activity"))[0] == 200


@pytest.mark.parametrize(("position", "status"), [("json_404", 404), ("html_404", 404), ("status_401", 401)])
async def test_an_unknown_entity_set_has_every_known_shape(
    caller: Caller, simulator: Simulator, position: str, status: int
) -> None:
    turn(simulator, unknown_entity=position)
    assert (await caller.ask("GET", "UsrNothing")).status_code == status


async def test_an_entity_sets_name_does_not_mind_upper_and_lower_case(caller: Caller) -> None:
    assert (await caller.ask("GET", "casestatus?$select=Id")).status_code == 200


async def test_local_time_can_be_labelled_as_utc(caller: Caller, simulator: Simulator) -> None:
    turn(simulator, times="local_as_z")
    case = await caller.a_case(RespondedOn="2026-05-04T10:00:00Z")
    assert (case["RespondedOn"], case["CreatedOn"]) == ("2026-05-04T13:00:00Z", "2026-05-04T12:00:00Z")
    assert len((await filtered(caller, f"CreatedOn ge {case['CreatedOn']}"))[1]["value"]) == 1


async def test_the_model_is_told_whole_and_by_entity(caller: Caller) -> None:
    whole = ElementTree.fromstring((await caller.ask("GET", "$metadata")).text)
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    names = {entity.get("Name") for entity in whole.iter(f"{edm}EntityType")}
    assert {"Case", "Activity", "Contact", "UsrProduct"} <= names
    one = ElementTree.fromstring((await caller.ask("GET", "Case/$metadata")).text)
    assert [entity.get("Name") for entity in one.iter(f"{edm}EntityType")] == ["Case"]
    columns = {column.get("Name"): column.attrib for column in one.iter(f"{edm}Property")}
    assert (columns["Subject"]["MaxLength"], columns["Subject"]["Nullable"]) == ("500", "false")
    assert (columns["UsrOrderNumber"]["Type"], columns["UsrProductId"]["Type"]) == ("Edm.String", "Edm.Guid")


async def test_settings_are_read_as_any_other_rows(caller: Caller) -> None:
    asked = {"filter": "SysSettings/Code eq 'MaxFileSize'", "select": "IntegerValue"}
    assert await caller.rows("SysSettingsValue", **asked) == [{"IntegerValue": 10}]


@pytest.mark.parametrize(("lookups", "high"), [("shipped", "High"), ("german", "Hoch"), ("changed", "High")])
async def test_lookup_rows_have_the_names_of_their_tenant(lookups: str, high: str) -> None:
    async with signed_in(Simulator(switches=replace(Switches(), lookups=lookups))) as caller:  # type: ignore[arg-type] # a position
        assert len(await caller.rows("CasePriority", select="Id", filter=f"Name eq '{high}'")) == 1
        statuses = await caller.rows("CaseStatus", select="Name,IsFinal,IsResolved,IsPaused")
        assert any(row["IsResolved"] for row in statuses)
        assert ("Resolved" in {row["Name"] for row in statuses}) is (lookups == "shipped")


async def test_one_property_can_be_asked_for(caller: Caller) -> None:
    case = await caller.a_case()
    assert (await caller.ask("GET", f"Case({case['Id']})/Number")).json()["value"] == case["Number"]
    assert (await caller.ask("GET", f"Case({case['Id']})/Number/$value")).text == case["Number"]


async def test_a_quoted_key_and_an_unknown_option_are_refused(caller: Caller) -> None:
    case = await caller.a_case()
    assert (await caller.ask("GET", f"Case('{case['Id']}')")).status_code == 400
    assert (await caller.ask("GET", f"Case?$select=Id&{quote('$search')}=x")).status_code == 400
    assert (await caller.ask("GET", "Case?$select=Id&$top=many")).status_code == 400
