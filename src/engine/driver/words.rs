//! The words of buttons, boxes, fields and links, and what they mean: English first, then German, French, Spanish,
//! Italian, Portuguese and Dutch. No word of another language begins an English one or is a code of a language, so
//! `ja`, `si`, `non` and `nega` are left out. Other languages are for the target file.

use crate::judge::forms::{Control, Form};

/// Words that say yes to a client, the clearest first.
#[rustfmt::skip]
pub const ALLOW: &[&str] = &[
    "approve", "allow", "authorize", "authorise", "accept", "consent", "grant", "agree", "confirm",
    "zulassen", "erlauben", "gestatten", "genehmigen", "autorisieren", "akzeptieren", "zustimmen", "bestätigen",
    "autoriser", "permettre", "approuver", "accorder", "valider",
    "autorizar", "permitir", "aceptar", "aprobar", "conceder acceso",
    "autorizza", "consenti", "permetti", "accetta", "conferma",
    "aceitar", "aprovar", "concordar",
    "toestaan", "goedkeuren", "autoriseren", "toestemming", "akkoord", "bevestigen",
];

/// Words that say yes to anything.
#[rustfmt::skip]
pub const YES: &[&str] = &[
    "yes", "continue", "true", "ok", "submit", "next",
    "weiter", "fortfahren", "oui", "suivant", "sí", "continuar", "siguiente", "sì", "avanti", "prosegui", "seguinte",
    "doorgaan", "verder", "volgende",
];

/// Words that say no.
#[rustfmt::skip]
pub const NO: &[&str] = &[
    "deny", "denied", "decline", "reject", "refuse", "disallow", "disagree", "don't", "don’t", "do not", "cancel",
    "abort", "false", "no", "not",
    "ablehnen", "verweigern", "abbrechen", "verbieten", "nein", "nicht",
    "rejeter", "décliner", "interdire", "annuler", "ne pas", "non merci",
    "denegar", "rechazar", "negar",
    "rifiuta", "annulla", "non consentire", "non autorizzare", "non accettare",
    "recusar", "rejeitar", "não",
    "weigeren", "afwijzen", "annuleren", "niet",
];

/// Words on the button of a login form.
#[rustfmt::skip]
pub const LOG_IN: &[&str] = &[
    "log in", "login", "log-in", "sign in", "sign-in", "signin", "continue", "next", "submit",
    "anmelden", "einloggen", "weiter", "connecter", "connexion", "s'identifier", "suivant",
    "iniciar sesión", "iniciar sesion", "acceder", "ingresar", "continuar", "siguiente",
    "accedi", "avanti", "prosegui", "iniciar sessão", "aceder", "entrar", "seguinte",
    "inloggen", "aanmelden", "doorgaan", "volgende", "verder",
];

/// Words of forms that are about something else.
#[rustfmt::skip]
pub const ASIDE: &[&str] = &[
    "search", "logout", "log out", "sign out", "register", "sign up", "signup", "sign-up", "create account", "forgot",
    "language", "locale",
    "suchen", "abmelden", "ausloggen", "registrieren", "konto erstellen", "vergessen", "sprache",
    "rechercher", "déconnecter", "déconnexion", "inscrire", "créer un compte", "oublié",
    "buscar", "cerrar sesión", "cerrar sesion", "registrarse", "crear cuenta", "olvid", "idioma",
    "disconnetti", "registrati", "crea account", "dimenticat",
    "pesquisar", "terminar sessão", "registar", "criar conta", "esqueci",
    "zoeken", "uitloggen", "afmelden", "registreren", "account aanmaken", "vergeten",
];

/// Words of boxes that would make the target skip its questions next time.
#[rustfmt::skip]
pub const REMEMBER: &[&str] = &[
    "remember", "trust", "again", "always",
    "merken", "angemeldet bleiben", "nicht mehr fragen", "souvenir de moi", "toujours", "recordar", "recuérdame", "siempre",
    "ricorda", "sempre", "lembrar", "onthoud", "altijd",
];

/// Words of a field for the name of a user, as a part of its name or of what it shows.
#[rustfmt::skip]
pub const USER_NAME: &[&str] = &[
    "user", "login", "email", "e-mail", "identifier", "account",
    "benutzer", "kennung", "utilisateur", "identifiant", "courriel", "usuario", "correo electr", "utente", "utilizador",
    "usuário", "gebruiker",
];

/// The place of the first word of the vocabulary that stands in the text. Longer words may go on (`allowed`).
pub fn rank(vocabulary: &[&str], text: &str) -> Option<usize> {
    let text = text.to_lowercase();
    let stands = |word: &&str| {
        text.match_indices(*word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            let goes_on = word.len() < 4 && after.is_some_and(char::is_alphanumeric);
            !before.is_some_and(char::is_alphanumeric) && !goes_on
        })
    };
    vocabulary.iter().position(stands)
}

/// Whether a word of the vocabulary stands in the text.
pub fn says(vocabulary: &[&str], text: &str) -> bool {
    rank(vocabulary, text).is_some()
}

/// What a reader sees of a control, and its value.
pub fn seen(control: &Control) -> String {
    format!("{} {}", control.hint, control.value)
}

/// How clearly a control says yes; `None` when it does not. What it shows counts before its name.
pub fn approval(control: &Control) -> Option<usize> {
    let all = [ALLOW, YES].concat();
    let by_name = || rank(&all, &control.name).map(|place| place + all.len());
    let place = rank(&all, &seen(control)).or_else(by_name);
    place.filter(|_| denial(control).is_none())
}

/// How clearly a control says no.
pub fn denial(control: &Control) -> Option<usize> {
    let shown = seen(control);
    let unsaid = !says(ALLOW, &shown) && !says(YES, &shown);
    let by_name = || rank(NO, &control.name).map(|place| place + NO.len());
    rank(NO, &shown).or_else(|| by_name().filter(|_| unsaid))
}

/// The controls that submit a form.
pub fn buttons(form: &Form) -> impl Iterator<Item = &Control> {
    let submits = |control: &&Control| matches!(control.kind.as_str(), "submit" | "image");
    form.controls.iter().filter(submits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn button(name: &str, value: &str, hint: &str) -> Control {
        Control {
            name: name.into(),
            value: value.into(),
            hint: hint.into(),
            kind: "submit".into(),
            ..Control::default()
        }
    }

    #[test]
    fn words_stand_alone_or_begin_a_longer_word() {
        assert!(says(ALLOW, "Allowed") && says(ALLOW, "user_accept") && says(NO, "No, thanks"));
        assert!(!says(ALLOW, "disallow") && !says(NO, "notify norway nothing"));
    }

    #[test]
    fn buttons_of_other_languages_are_understood() {
        let languages = [
            ("Zugriff erlauben", "Nicht erlauben", "Anmelden", "Registrieren"),
            ("Autoriser", "Ne pas autoriser", "Se connecter", "S'inscrire"),
            ("Permitir", "Rechazar", "Iniciar sesión", "Crear cuenta"),
            ("Consenti", "Rifiuta", "Accedi", "Registrati"),
            ("Aceitar", "Não aceitar", "Entrar", "Criar conta"),
            ("Toestaan", "Toestemming weigeren", "Inloggen", "Registreren"),
        ];
        for (allow, deny, log_in, aside) in languages {
            let (yes, no) = (button("a", "submit", allow), button("a", "submit", deny));
            assert!(approval(&yes).is_some() && denial(&yes).is_none(), "{allow}");
            assert!(approval(&no).is_none() && denial(&no).is_some(), "{deny}");
            assert!(says(LOG_IN, log_in) && !says(ASIDE, log_in) && says(ASIDE, aside), "{log_in} {aside}");
        }
    }

    #[test]
    fn english_is_read_as_before() {
        let near = "approval negative lingual registrar inscription immersive continually entrance non-profit née \
                    record identification conceder permit accession connect valid annul ja si sim";
        for words in [ALLOW, NO, LOG_IN, ASIDE, REMEMBER] {
            assert_eq!(rank(words, near), None);
        }
        assert!(!says(YES, "ja") && !says(YES, "si") && !says(YES, "sim"), "codes of languages");
    }

    #[test]
    fn what_a_button_shows_counts_before_its_name() {
        let table = [
            (button("allowed", "false", "deny"), false, true),
            (button("allowed", "true", "allow"), true, false),
            (button("deny", "1", ""), false, true),
            (button("cancel_or_allow", "allow", ""), true, false),
            (button("answer", "x", "don't allow"), false, true),
            (button("answer", "logout", "switch user"), false, false),
        ];
        for (button, yes, no) in table {
            let found = (approval(&button).is_some(), denial(&button).is_some());
            assert_eq!(found, (yes, no), "{button:?}");
        }
    }
}
