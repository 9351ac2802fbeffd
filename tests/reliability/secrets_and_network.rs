//! What could give a key away, and what a network does.

use super::Row;

pub(super) const SECRETS: &[Row] = &[
    (
        "a key as an argument",
        "refused wherever it stands, never repeated",
        &["a_key_on_the_command_line_is_refused_wherever_it_stands_and_never_repeated"],
        None,
    ),
    ("a crash while a key is held", "no core is written", &["no_core_is_dumped_while_a_key_is_held"], None),
    (
        "a look into the process, before anything is read",
        "the process is closed to others first thing",
        &[
            "the_process_is_closed_to_others_before_it_reads_anything",
            "the_keys_memory_of_a_process_is_not_for_its_neighbours",
        ],
        None,
    ),
    (
        "output, files, temporary files, log and errors of every command, at every verbosity",
        "no key is in them",
        &["no_command_says_or_writes_a_key_it_was_not_asked_for"],
        None,
    ),
    (
        "memory, arguments, environment, open and deleted files, read by root: once a command has done its work, and at work",
        "no copy; no more than the threat model says",
        &[
            "once_a_command_has_done_its_work_no_secret_is_left_in_it_or_around_it",
            "what_is_typed_at_a_terminal_is_left_nowhere_either",
            "at_work_a_key_is_in_memory_as_often_as_the_threat_model_says_and_nowhere_else",
        ],
        None,
    ),
    (
        "an error of another crate that carries the bytes",
        "wiped and replaced by our own",
        &["a_foreign_error_that_carries_the_secret_is_wiped_and_replaced"],
        None,
    ),
    (
        "a panic, of ours or of a library, while a key is held",
        "fixed words and exit code 1: no payload, no backtrace",
        &[
            "a_panic_says_fixed_words_and_ends_with_1_wherever_it_is",
            "a_library_that_panics_while_a_key_is_held_says_nothing_of_it",
        ],
        None,
    ),
    (
        "an API that repeats the key in its answer, with escape sequences around it",
        "masked, and shown harmlessly",
        &[
            "a_key_in_an_answer_is_not_repeated_and_what_would_act_on_a_terminal_is_shown",
            "the_documented_refusal_rejects_and_the_echoed_key_is_masked",
        ],
        None,
    ),
    (
        "a key in a program's output, split over writes",
        "masked",
        &["a_key_in_two_writes_is_masked_and_a_prompt_does_not_wait"],
        None,
    ),
    (
        "a key onto a terminal",
        "masked unless it is to be revealed",
        &["a_key_is_masked_at_a_terminal_unless_it_is_to_be_revealed"],
        None,
    ),
];
pub(super) const NETWORK: &[Row] = &[
    ("a redirect", "not followed; unknown", &["a_redirect_is_not_followed"], None),
    (
        "a proxy that refuses or is not there",
        "named; it sees the host only; not trusted",
        &["a_proxy_that_refuses_is_named_and_sees_the_host_only", "a_proxy_that_is_not_there_is_the_reason"],
        None,
    ),
    (
        "a man in the middle: a proxy that speaks for the API itself",
        "not trusted, and it gets no key; the last verdict is kept",
        &[
            "a_man_in_the_middle_is_not_trusted_and_gets_no_key",
            "a_proxy_that_speaks_for_the_api_itself_is_not_trusted",
        ],
        None,
    ),
    (
        "the same, with its root in `$SSL_CERT_FILE`",
        "it works, as everywhere, and `doctor` says who decides",
        &["a_foreign_root_from_a_variable_is_trusted_as_everywhere_and_the_doctor_says_so"],
        None,
    ),
    (
        "a certificate that is unknown or for another name",
        "unknown, never a rejection",
        &["an_untrusted_certificate_is_never_a_rejection", "a_certificate_for_another_name_is_not_trusted"],
        None,
    ),
    (
        "a certificate that has expired, one that is not valid yet, a clock that is wrong",
        "unknown, both causes and the dates are named, and `doctor` knows the way on",
        &[
            "a_certificate_out_of_its_time_is_no_verdict_and_the_clock_is_named_too",
            "a_wrong_clock_is_no_verdict_and_is_named_beside_the_certificate",
        ],
        None,
    ),
    (
        "a machine without root certificates",
        "said so",
        &["a_machine_without_root_certificates_is_told_so"],
        None,
    ),
    (
        "401, 403, 429, 5xx, 404, HTML, wrong types, deep nesting",
        "only the documented refusal rejects; each other has its reason",
        &[
            "only_the_documented_401_rejects_and_all_else_has_a_reason",
            "each_behaviour_has_its_verdict_its_code_and_its_record",
            "deep_nesting_is_an_unexpected_body",
            "json_of_any_shape_is_judged",
        ],
        None,
    ),
    (
        "a rate limit",
        "waited out within the time, else said",
        &[
            "a_rate_limit_is_waited_out_within_the_time",
            "a_rate_limit_longer_than_the_time_is_not_waited_for",
        ],
        None,
    ),
    (
        "no such name, a refused or a lost connection",
        "unknown with its reason; a lost one is tried again",
        &[
            "a_name_that_does_not_exist_is_dns",
            "a_refused_connection_is_connect",
            "a_lost_connection_is_tried_again",
        ],
        None,
    ),
    (
        "an endless body, one byte at a time, silence",
        "64 KiB and the time are the end",
        &[
            "an_endless_body_is_read_no_further_than_64_kib",
            "a_body_that_drips_ends_with_the_time",
            "headers_that_drip_end_with_the_time",
            "silence_ends_with_the_time",
        ],
        None,
    ),
    (
        "an endpoint that accepts anybody",
        "told by `--strict`",
        &["an_endpoint_that_accepts_anybody_is_told_by_strict"],
        None,
    ),
    (
        "an address from a variable or a pin",
        "this machine only, or ignored",
        &["the_apis_address_may_only_be_this_machine", "it_names_no_address_and_loosens_nothing"],
        None,
    ),
];
