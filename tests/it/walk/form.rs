//! The syntactic forms in which a document can select the same fields.

use super::{schema::Map, selection::Selection};

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `{ me { id email } }`
    Direct,
    /// `{ x_me: me { x_id: id x_email: email } }`
    Alias,
    /// `{ ...F1 } fragment F1 on Query { me { ...F2 } } fragment F2 on User { id email }`
    NamedFragment,
    /// `{ ... on Query { me { ... on User { id email } } } }`
    InlineFragment,
    /// `{ me { ... on Node { id } email } }`
    Interface,
}

impl Form {
    pub const ALL: [Self; 5] = [Self::Direct, Self::Alias, Self::NamedFragment, Self::InlineFragment, Self::Interface];

    /// The response key of the field.
    pub fn key(self, name: &str) -> String {
        if self == Self::Alias { format!("x_{name}") } else { name.to_owned() }
    }

    /// The document that selects `root`. Every object includes its `__typename`.
    pub fn document(self, map: &Map, root: &Selection) -> String {
        let mut writer = Writer { form: self, map, fragments: Vec::new() };
        let operation = root.on.to_lowercase();
        let set = writer.set(&root.on, std::slice::from_ref(root));
        format!("{operation} {set} {}", writer.fragments.join(" "))
    }
}

struct Writer<'a> {
    form: Form,
    map: &'a Map,
    fragments: Vec<String>,
}

impl Writer<'_> {
    /// The selection set on a value of the type `target`.
    fn set(&mut self, target: &str, selections: &[Selection]) -> String {
        let mut parts = vec!["__typename".to_owned()];
        for group in selections.chunk_by(|one, other| one.on == other.on) {
            let on = &group[0].on;
            let (shared, own): (Vec<_>, Vec<_>) =
                group.iter().partition(|selection| self.interface_of(selection).is_some());
            for selection in shared {
                let interface = self.interface_of(selection).expect("the partition checked this").to_owned();
                let field = self.field(selection);
                parts.push(format!("... on {interface} {{ {field} }}"));
            }
            let fields = own.into_iter().map(|selection| self.field(selection)).collect::<Vec<_>>().join(" ");
            parts.push(self.group(target, on, fields));
        }
        format!("{{ {} }}", parts.join(" "))
    }

    fn group(&mut self, target: &str, on: &str, fields: String) -> String {
        match self.form {
            _ if fields.is_empty() => fields,
            Form::NamedFragment => {
                let name = format!("F{}", self.fragments.len());
                self.fragments.push(format!("fragment {name} on {on} {{ {fields} }}"));
                format!("...{name}")
            }
            Form::Direct | Form::Alias | Form::Interface if target == on => fields,
            _ => format!("... on {on} {{ {fields} }}"),
        }
    }

    /// The interface through which this form selects the field, if there is one.
    fn interface_of(&self, selection: &Selection) -> Option<&str> {
        let interfaces = self.map.types[&selection.on].interfaces.iter().filter(|_| self.form == Form::Interface);
        let has_field =
            |interface: &&str| self.map.types[*interface].fields.iter().any(|field| field.name == selection.name);
        interfaces.map(String::as_str).find(has_field)
    }

    fn field(&mut self, selection: &Selection) -> String {
        let name = &selection.name;
        let key = self.form.key(name);
        let alias = if key == *name { String::new() } else { format!("{key}: ") };
        let arguments =
            if selection.arguments.is_empty() { String::new() } else { format!("({})", selection.arguments) };
        let target = super::schema::named(&selection.ty);
        let below = if selection.is_composite { self.set(target, &selection.below) } else { String::new() };
        format!("{alias}{name}{arguments} {below}")
    }
}
