//! The texts of mails: templates in each language, built in and from a directory.
//!
//! A mail has two templates, `LANGUAGE/KIND.txt` and `LANGUAGE/KIND.html`. The first line of the text is its subject. The
//! HTML templates share `layout.html`. A file of the directory replaces the built-in one of the same name, or adds a
//! language.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use minijinja::{Environment, UndefinedBehavior, Value};

use crate::domain::mail::MailKind;

/// The language of users whose own is not there. It has every mail.
const FALLBACK: &str = "en";
const LAYOUT: &str = "layout.html";
const SUBJECT: &str = "Subject: ";

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("templates/", $name)))),+]
    };
}

const BUILT_IN: [(&str, &str); 21] = built_in!(
    "layout.html",
    "de/email_changed.html",
    "de/email_changed.txt",
    "de/email_verification.html",
    "de/email_verification.txt",
    "de/password_changed.html",
    "de/password_changed.txt",
    "de/password_reset.html",
    "de/password_reset.txt",
    "de/personal_access_token_created.html",
    "de/personal_access_token_created.txt",
    "en/email_changed.html",
    "en/email_changed.txt",
    "en/email_verification.html",
    "en/email_verification.txt",
    "en/password_changed.html",
    "en/password_changed.txt",
    "en/password_reset.html",
    "en/password_reset.txt",
    "en/personal_access_token_created.html",
    "en/personal_access_token_created.txt",
);

/// What a template can use.
pub(super) struct Values<'a> {
    pub(super) username: &'a str,
    pub(super) code: Option<&'a str>,
    pub(super) link: Option<String>,
    pub(super) expires_at: Option<String>,
    pub(super) at: String,
    pub(super) token: Option<&'a str>,
    pub(super) sender: String,
}

impl Values<'_> {
    /// The values by name. Those that the mail lacks are null.
    fn context(&self) -> Value {
        let optional = |text: Option<&str>| text.map_or_else(|| Value::from(()), Value::from);
        Value::from_pairs([
            ("username", Value::from(self.username)),
            ("code", optional(self.code)),
            ("link", optional(self.link.as_deref())),
            ("expires_at", optional(self.expires_at.as_deref())),
            ("at", Value::from(&*self.at)),
            ("token", optional(self.token)),
            ("sender", Value::from(&*self.sender)),
        ])
    }
}

/// The parts of a mail.
pub(super) struct Rendered {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// A template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The directory or a file in it cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// No mail uses a file of this name.
    #[error("no mail uses `{}`; the files are named `LANGUAGE/KIND.txt` and `LANGUAGE/KIND.html`, such as \
             `de/password_reset.txt`", .0.display())]
    Unused(PathBuf),
    /// The file does not begin with a subject.
    #[error("`{}` must begin with the line `Subject: …` and an empty line", .0.display())]
    NoSubject(PathBuf),
    /// A mail has a text or HTML in a language, and lacks the other.
    #[error("`{0}` is missing: a mail needs both a text and HTML in each language")]
    Incomplete(String),
    /// The template is not valid.
    #[error("`{}` is not a valid template: {source}", path.display())]
    Invalid {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: minijinja::Error,
    },
}

/// The templates.
#[derive(Debug)]
pub(super) struct Templates(Environment<'static>);

impl Templates {
    /// The built-in templates, and those of the directory. Every one is tried.
    pub(super) fn load(directory: Option<&Path>) -> Result<Self, TemplateError> {
        let mut sources: BTreeMap<String, (PathBuf, String)> =
            BUILT_IN.map(|(name, text)| (name.to_owned(), (PathBuf::from(name), text.to_owned()))).into();
        if let Some(directory) = directory {
            sources.extend(read(directory)?);
        }
        let partner = |name: &str| match name.strip_suffix(".txt") {
            Some(stem) => format!("{stem}.html"),
            None => name.replace(".html", ".txt"),
        };
        let mut partners = sources.keys().filter(|name| *name != LAYOUT).map(|name| partner(name));
        if let Some(missing) = partners.find(|partner| !sources.contains_key(partner)) {
            return Err(TemplateError::Incomplete(missing));
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, (path, text)) in &sources {
            add(&mut environment, name, path, text)?;
        }
        let templates = Self(environment);
        for (name, (path, _)) in sources.iter().filter(|(name, _)| *name != LAYOUT) {
            templates.try_out(name).map_err(|source| TemplateError::Invalid { path: path.clone(), source })?;
        }
        Ok(templates)
    }

    /// The parts of a mail in the language of the locale, or of its parent, or in English.
    pub(super) fn render(
        &self,
        kind: MailKind,
        locale: Option<&str>,
        values: &Values<'_>,
    ) -> Result<Rendered, minijinja::Error> {
        let part = |extension: &str| self.one(&self.name(kind, locale, extension), values);
        let subject = part("subject")?.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Rendered { subject, text: part("txt")?, html: part("html")? })
    }

    fn name(&self, kind: MailKind, locale: Option<&str>, extension: &str) -> String {
        let language = |locale: &str| locale.split('-').next().map(str::to_owned);
        let candidates = locale.map(str::to_owned).into_iter().chain(locale.and_then(language));
        let mut names = candidates.map(|language| format!("{language}/{}.{extension}", kind.as_str()));
        let found = names.find(|name| self.0.get_template(name).is_ok());
        found.unwrap_or_else(|| format!("{FALLBACK}/{}.{extension}", kind.as_str()))
    }

    fn one(&self, name: &str, values: &Values<'_>) -> Result<String, minijinja::Error> {
        self.0.get_template(name)?.render(values.context())
    }

    /// Renders a template with and without the values that a mail may lack.
    fn try_out(&self, name: &str) -> Result<(), minijinja::Error> {
        let values = |code, link, token| Values {
            username: "ada",
            code,
            link,
            expires_at: code.map(str::to_owned),
            at: String::new(),
            token,
            sender: String::new(),
        };
        for values in [
            values(None, None, None),
            values(Some("code"), None, Some("token")),
            values(Some("code"), Some(String::new()), Some("token")),
        ] {
            self.one(name, &values)?;
        }
        Ok(())
    }
}

/// Adds a template. The subject of a text is a template of its own.
fn add(environment: &mut Environment<'static>, name: &str, path: &Path, text: &str) -> Result<(), TemplateError> {
    let invalid = |source| TemplateError::Invalid { path: path.to_owned(), source };
    let Some(stem) = name.strip_suffix(".txt") else {
        return environment.add_template_owned(name.to_owned(), text.to_owned()).map_err(invalid);
    };
    let no_subject = || TemplateError::NoSubject(path.to_owned());
    let text = text.replace("\r\n", "\n");
    let (subject, body) = text.split_once("\n\n").ok_or_else(no_subject)?;
    let subject = subject.strip_prefix(SUBJECT).filter(|subject| !subject.contains('\n')).ok_or_else(no_subject)?;
    environment.add_template_owned(format!("{stem}.subject"), subject.to_owned()).map_err(invalid)?;
    environment.add_template_owned(name.to_owned(), body.to_owned()).map_err(invalid)
}

/// The files of the directory, by the name of the template.
fn read(directory: &Path) -> Result<BTreeMap<String, (PathBuf, String)>, TemplateError> {
    let mut found = BTreeMap::new();
    for path in entries(directory)? {
        let language = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !path.is_dir() {
            let name = (language == LAYOUT).then_some(language).ok_or_else(|| TemplateError::Unused(path.clone()))?;
            found.insert(name, (path.clone(), text(&path)?));
            continue;
        }
        for file in entries(&path)? {
            if !is_template(&file) {
                return Err(TemplateError::Unused(file));
            }
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            found.insert(format!("{language}/{name}"), (file.clone(), text(&file)?));
        }
    }
    Ok(found)
}

fn is_template(file: &Path) -> bool {
    let part = |part: Option<&std::ffi::OsStr>| part.and_then(std::ffi::OsStr::to_str).unwrap_or_default().to_owned();
    MailKind::from_stored(&part(file.file_stem())).is_some() && matches!(&*part(file.extension()), "txt" | "html")
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, TemplateError> {
    let unreadable = |source| TemplateError::Unreadable { path: directory.to_owned(), source };
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(unreadable)?;
    Ok(entries.into_iter().map(|entry| entry.path()).collect())
}

fn text(path: &Path) -> Result<String, TemplateError> {
    fs::read_to_string(path).map_err(|source| TemplateError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values<'static> {
        Values {
            username: "ada",
            code: Some("fg_pr_x"),
            link: None,
            expires_at: Some("tomorrow".to_owned()),
            at: "today".to_owned(),
            token: None,
            sender: "Example".to_owned(),
        }
    }

    fn with(files: &[(&str, &str)]) -> Result<Templates, TemplateError> {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Templates::load(Some(directory.path()))
    }

    #[test]
    fn every_mail_is_in_english_and_german() {
        let templates = Templates::load(None).unwrap();
        for kind in MailKind::ALL {
            for language in ["en", "de"] {
                for extension in ["subject", "txt", "html"] {
                    let name = templates.name(kind, Some(language), extension);
                    assert_eq!(name, format!("{language}/{}.{extension}", kind.as_str()));
                }
            }
        }
    }

    #[test]
    fn files_replace_templates_and_add_languages() {
        let templates = with(&[
            ("en/password_reset.txt", "Subject: Hello {{ username }}\n\nCode: {{ code }}"),
            ("fr/password_reset.txt", "Subject: Bonjour\n\n{{ code }}"),
            ("fr/password_reset.html", "{{ code }}"),
        ])
        .unwrap();
        let rendered = |locale| templates.render(MailKind::PasswordReset, locale, &values()).unwrap();
        let english = rendered(None);
        assert_eq!((&*english.subject, &*english.text), ("Hello ada", "Code: fg_pr_x"));
        assert!(english.html.contains("fg_pr_x"), "the built-in one");
        assert_eq!(rendered(Some("fr-CA")).subject, "Bonjour");
    }

    #[test]
    fn errors_name_the_file() {
        for (name, text) in [
            ("en/password_reset.txt", "No subject"),
            ("en/password_reset.txt", "Subject: a\n\n{{ nothing }}"),
            ("en/password_reset.html", "{% if %}"),
            ("en/welcome.txt", "Subject: a\n\nb"),
            ("en/password_reset.md", "a"),
            ("header.html", "a"),
        ] {
            let error = with(&[(name, text)]).unwrap_err().to_string();
            assert!(error.contains(name), "{name}: {error}");
        }
        let incomplete = with(&[("fr/password_reset.txt", "Subject: a\n\nb")]).unwrap_err().to_string();
        assert!(incomplete.contains("`fr/password_reset.html` is missing"), "{incomplete}");
        let missing = Templates::load(Some(Path::new("/nonexistent/templates"))).unwrap_err().to_string();
        assert!(missing.contains("/nonexistent/templates"), "{missing}");
    }

    #[test]
    fn a_subject_has_one_line() {
        let templates = with(&[("en/password_reset.txt", "Subject: {{ username }}\n\nb")]).unwrap();
        let values = Values { username: "ada\r\nBcc: eve@example.org", ..values() };
        let rendered = templates.render(MailKind::PasswordReset, None, &values).unwrap();
        assert_eq!(rendered.subject, "ada Bcc: eve@example.org");
    }
}
