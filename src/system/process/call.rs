//! A call of another program, which may get a key on its standard input and nowhere else.

use crate::hint::suggest::quoted;

/// A program's name, its arguments and what it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Its name, or a whole path.
    pub program: String,
    /// What it is called with; never a key.
    pub arguments: Vec<String>,
    /// What stands on its standard input.
    pub input: Input,
    /// Variables of its environment that are set, or taken away where there is no value.
    pub variables: Vec<(&'static str, Option<&'static str>)>,
}

/// What a program reads on its standard input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    #[default]
    Nothing,
    /// The key, letter by letter.
    Key,
    /// The key in base64 with a text before it and one behind it.
    Within(String, String),
}

impl Call {
    /// A call of a program that reads nothing.
    pub fn of(program: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        Self { program: program.to_owned(), arguments, ..Self::default() }
    }

    /// The same call, which reads something.
    #[must_use]
    pub fn reading(mut self, input: Input) -> Self {
        self.input = input;
        self
    }

    /// The same call with variables of its environment set or taken away.
    #[must_use]
    pub fn with(mut self, variables: &[(&'static str, Option<&'static str>)]) -> Self {
        self.variables.extend_from_slice(variables);
        self
    }

    /// As a person would type it.
    pub fn in_words(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.arguments);
        words.map(quoted).collect::<Vec<_>>().join(" ")
    }
}
