//! What terminals, shells, and the programs that are started do.

use super::Row;

pub(super) const TERMINAL_SHELL: &[Row] = &[
    (
        &["G1"],
        "no terminal, a closed standard input, `--no-input`",
        "what would have answered is named",
        &[
            "a_closed_standard_input_is_named_by_what_would_have_answered",
            "no_input_at_a_terminal_forbids_asking_and_names_the_flag",
        ],
        None,
    ),
    (
        &["G2", "G3"],
        "Ctrl-C, Ctrl-Z and deadly signals in a prompt",
        "the terminal is given back, nothing is changed",
        &[
            "ctrl_c_gives_the_terminal_back_and_changes_nothing",
            "another_deadly_signal_gives_the_terminal_back_too",
            "ctrl_z_gives_the_shell_its_echo_and_fg_hides_again",
        ],
        None,
    ),
    (
        &[],
        "a terminal of a few columns",
        "nothing breaks",
        &["a_terminal_of_a_few_columns_breaks_nothing"],
        None,
    ),
    (
        &["G4"],
        "a reader that stops reading",
        "a quiet end",
        &[
            "a_reader_that_stops_reading_is_no_fault",
            "standard_input_passes_and_a_reader_that_leaves_ends_it_quietly",
        ],
        None,
    ),
    (
        &["D3"],
        "white space, zero-width and other odd characters in a paste",
        "taken off with a word, or refused by position",
        &[
            "what_is_pasted_around_a_key_is_taken_off_with_a_word",
            "what_is_no_key_is_refused_by_position_and_changes_nothing",
        ],
        None,
    ),
    (
        &["D4"],
        "bytes that are no text: on standard input, as an argument, in a variable",
        "refused in words",
        &["what_is_no_text_is_refused_in_words_and_never_repeated"],
        None,
    ),
    (
        &["D5"],
        "nothing, a megabyte, or a closed standard input",
        "exit code 2, nothing changed",
        &[
            "a_megabyte_or_nothing_on_standard_input_is_no_key_and_changes_nothing",
            "a_closed_standard_input_is_named_by_what_would_have_answered",
        ],
        None,
    ),
    (
        &["D2"],
        "an unquoted eval beside files that match as globs",
        "nothing runs, nothing changes",
        &["a_file_named_as_a_glob_match_changes_nothing_of_an_unquoted_eval"],
        None,
    ),
    (
        &["D1"],
        "every printable character, quote and newline in a variable",
        "survives every shell, or is refused",
        &["every_text_survives_a_quoted_eval", "every_key_and_text_survives_the_other_shells"],
        None,
    ),
    (
        &["I1", "C9"],
        "a hostile, broken or forbidden pin; folders named to break a terminal",
        "one line, nothing loosened, nothing run",
        &[
            "it_may_name_an_unprotected_profile",
            "a_protected_profile_counts_only_once_it_is_allowed",
            "a_folder_named_to_break_a_terminal_is_shown_harmlessly",
            "what_is_not_loaded_is_said_in_one_line_and_once",
        ],
        None,
    ),
    (
        &["I4"],
        "folders and files named to break a shell: at a prompt, at Tab, and in a hint that is pasted",
        "nothing of the name runs in bash, zsh and fish",
        &[
            "hooks_follow_a_pin_in_folders_named_to_break_a_shell_and_nothing_runs",
            "a_tab_that_completes_a_hostile_name_runs_nothing_of_it",
            "nushell_and_powershell_are_given_file_names_that_are_text_and_no_code",
            "what_a_hint_says_about_a_hostile_folder_can_be_pasted_and_runs_nothing_of_it",
        ],
        None,
    ),
    (
        &["I2"],
        "a key that another profile holds, or that was retired",
        "refused",
        &[
            "the_same_key_twice_is_refused_and_a_removed_one_comes_back",
            "a_key_that_another_profile_holds_does_not_come_back",
        ],
        None,
    ),
    (
        &["I3"],
        "variables that send a key elsewhere",
        "refused, or said",
        &["what_would_send_the_key_elsewhere_is_refused_or_said"],
        None,
    ),
    (
        &["H1", "H2", "H3", "H4"],
        "a program's end, limits, open files, environment",
        "its own, as they were, only the key added",
        &[
            "the_programs_own_end_is_the_end",
            "limits_and_open_files_are_as_they_were",
            "only_the_chosen_variable_and_the_profile_s_name_are_added_and_the_passphrase_is_taken_away",
        ],
        None,
    ),
    (
        &[],
        "a program that `push` starts: it prints the key, hangs, lies, floods, takes no key",
        "masked, ended, not believed; nothing is remembered",
        &[
            "what_a_program_says_of_the_key_is_masked_however_it_writes_it",
            "neither_arguments_nor_the_environment_of_anyone_hold_the_key",
            "a_program_that_hangs_is_ended_and_what_it_left_behind_is_not_waited_for",
            "what_a_program_says_without_storing_is_not_believed_and_nothing_is_remembered",
            "a_program_that_takes_no_key_did_not_store_it_whatever_it_says",
        ],
        None,
    ),
];
