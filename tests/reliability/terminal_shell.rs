//! What goes wrong with terminals, shells, and programs that we start.

use super::Row;

pub(super) const TERMINAL_SHELL: &[Row] = &[
    (
        &["G1"],
        "there is no terminal, standard input is closed, or `--no-input` is set",
        "the error names the option that answers the question",
        &[
            "a_closed_standard_input_is_named_by_what_would_have_answered",
            "no_input_at_a_terminal_forbids_asking_and_names_the_flag",
        ],
        None,
    ),
    (
        &["G2", "G3"],
        "Ctrl-C, Ctrl-Z or a deadly signal comes during a prompt",
        "the terminal's settings are restored, and nothing is changed",
        &[
            "ctrl_c_gives_the_terminal_back_and_changes_nothing",
            "another_deadly_signal_gives_the_terminal_back_too",
            "ctrl_z_gives_the_shell_its_echo_and_fg_hides_again",
        ],
        None,
    ),
    (
        &[],
        "the terminal has only a few columns",
        "every command still works",
        &["a_terminal_of_a_few_columns_breaks_nothing"],
        None,
    ),
    (
        &["G4"],
        "the reader of the output stops reading",
        "the command ends without an error message",
        &[
            "a_reader_that_stops_reading_is_no_fault",
            "standard_input_passes_and_a_reader_that_leaves_ends_it_quietly",
        ],
        None,
    ),
    (
        &["D3"],
        "a pasted key has white space, zero-width or other odd characters",
        "they are removed with a notice, or refused with their position",
        &[
            "what_is_pasted_around_a_key_is_taken_off_with_a_word",
            "what_is_no_key_is_refused_by_position_and_changes_nothing",
        ],
        None,
    ),
    (
        &["D4"],
        "standard input, an argument or a variable has bytes that are not text",
        "they are refused with a message that does not repeat them",
        &["what_is_no_text_is_refused_in_words_and_never_repeated"],
        None,
    ),
    (
        &["D5"],
        "standard input is empty, closed, or a megabyte long",
        "exit code 2, and nothing is changed",
        &[
            "a_megabyte_or_nothing_on_standard_input_is_no_key_and_changes_nothing",
            "a_closed_standard_input_is_named_by_what_would_have_answered",
        ],
        None,
    ),
    (
        &["D2"],
        "`eval` is unquoted, and files match its text as a glob",
        "nothing else runs, and the value is the same",
        &["a_file_named_as_a_glob_match_changes_nothing_of_an_unquoted_eval"],
        None,
    ),
    (
        &["D1"],
        "a variable's value has quotes, newlines and every printable character",
        "every shell gets it unchanged, or it is refused",
        &["every_text_survives_a_quoted_eval", "every_key_and_text_survives_the_other_shells"],
        None,
    ),
    (
        &["I1", "C9"],
        "a pin is hostile, broken or not allowed; a folder's name has control characters for the terminal",
        "one line says so; no rule is loosened, and nothing runs",
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
        "the name of a folder or file has code for a shell: at a prompt, on Tab, and in a hint that is pasted",
        "bash, zsh and fish run none of it",
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
        "a key belongs to another profile, or is retired",
        "it is refused",
        &[
            "the_same_key_twice_is_refused_and_a_removed_one_comes_back",
            "a_key_that_another_profile_holds_does_not_come_back",
        ],
        None,
    ),
    (
        &["I3"],
        "variables would send the key to another host",
        "it is refused, or a warning says so, by the policy of the profile",
        &["what_would_send_the_key_elsewhere_is_refused_or_said"],
        None,
    ),
    (
        &["H1", "H2", "H3", "H4"],
        "`exec` starts a program",
        "its exit code is its own; limits and open files are unchanged; only the key's variable and the profile's name are added",
        &[
            "the_programs_own_end_is_the_end",
            "limits_and_open_files_are_as_they_were",
            "only_the_chosen_variable_and_the_profile_s_name_are_added_and_the_passphrase_is_taken_away",
        ],
        None,
    ),
    (
        &[],
        "a program that `push` starts prints the key, hangs, lies, prints without end or reads no key",
        "the key is masked and the program ended; it is not believed, and nothing is remembered",
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
