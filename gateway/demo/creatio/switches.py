"""What is unknown of a real Creatio, or differs between two: a switch each, and each position is real somewhere."""

from dataclasses import dataclass
from typing import Literal, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class Switches:
    """One tenant's habits. The first position of each switch is its default."""

    # Where it runs: /0 before every path on .NET Framework, nothing on .NET.
    runtime: Literal["framework", "net"] = "framework"
    # Words of the database's refusals, and whether `eq` minds upper and lower case (PostgreSQL does).
    database: Literal["postgresql", "sqlserver"] = "postgresql"
    # Columns of the service products: smaller editions have none of them.
    edition: Literal["service", "small"] = "service"
    # Names of lookup rows: as shipped, in the technical user's language, or changed by the tenant.
    lookups: Literal["shipped", "german", "changed"] = "shipped"

    # How a wrong client or secret is refused by the identity service.
    token_error: Literal["json_400", "json_401", "html_200"] = "json_400"
    # When the forms login hands out BPMCSRF.
    csrf_cookie: Literal["at_login", "after_get"] = "at_login"
    # What a sign-in that has ended looks like to OData.
    ended_session: Literal["status_401", "redirect_302", "html_200"] = "status_401"

    # Writes that the entity layer or the database refuses.
    duplicate_id: Literal["500", "400", "409"] = "500"
    missing_required: Literal["500", "400"] = "500"
    too_long: Literal["500", "400"] = "500"
    missing_right: Literal["403", "500", "401"] = "403"
    unknown_patch: Literal["fault", "silent"] = "fault"
    zero_guid_post: Literal["refused", "empty"] = "refused"
    zoneless_date: Literal["refused", "min_value"] = "refused"
    # A row that does not exist.
    missing_get: Literal["json", "empty", "html"] = "json"
    missing_patch: Literal["204", "404"] = "204"
    # Every error body comes with its own status, or with 200.
    error_status: Literal["honest", "200"] = "honest"

    # Reads.
    unknown_entity: Literal["json_404", "html_404", "status_401"] = "json_404"
    activity_by_case: Literal["works", "refused"] = "works"
    whole_row: Literal["refused", "given"] = "refused"
    text_functions: Literal["few", "many"] = "few"
    times: Literal["utc", "local_as_z"] = "utc"

    # Files.
    file_refusal: Literal["500", "400", "403"] = "500"
    streams: Literal["odata", "file_api_only"] = "odata"

    # What stands before it.
    firewall: Literal["off", "html_403", "html_200"] = "off"
    throttling: Literal["never", "retry_after", "bare"] = "never"

    # What it does by itself.
    notification_rules: Literal["shipped", "none"] = "shipped"

    # The rows that reps leave behind (states inferred from product code).
    composer: Literal["two_phase", "draft_first", "sended_only"] = "two_phase"
    draft: Literal["not_started", "in_progress", "untyped"] = "not_started"
    own_reply: Literal["not_send", "no_send_status", "draft_first"] = "not_send"
    notice: Literal["header", "flag"] = "header"

    @classmethod
    def positions(cls) -> dict[str, tuple[str, ...]]:
        """Every switch with all its positions, default first."""
        return {name: get_args(hint) for name, hint in get_type_hints(cls).items()}
