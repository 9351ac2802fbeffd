//! A call of another program, which may get a key on its standard input and nowhere else.

use crate::hint::suggest::quoted;

/// A program's name, its arguments and what it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Its name, or an absolute path.
    pub program: String,
    /// Its arguments; never a key.
    pub arguments: Vec<String>,
    /// Its standard input.
    pub input: Input,
    /// Variables to set in its environment, or to remove if they have no value.
    pub variables: Vec<(&'static str, Option<&'static str>)>,
}

/// What a program reads from its standard input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Input {
    /// Nothing.
    #[default]
    Nothing,
    /// The key itself.
    Key,
    /// The key in base64, with a text before and after it.
    Within(String, String),
}

impl Call {
    /// A call of a program that reads nothing.
    pub fn of(program: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|word| (*word).to_owned()).collect();
        Self { program: program.to_owned(), arguments, ..Self::default() }
    }

    /// The same call with this input.
    #[must_use]
    pub fn reading(mut self, input: Input) -> Self {
        self.input = input;
        self
    }

    /// The same call with variables of its environment set or removed.
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
