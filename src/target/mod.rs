//! The target file: where a provider is, what it offers, who its clients and users are, how one logs in.

mod environment;
mod file;
mod load;
mod login;
mod registration;
mod scopes;
mod tls;

pub use file::{Client, ClientAuth, Dialect, Known, Pace, Target, User, is_local};
pub use load::TargetError;
pub use login::{
    Call, FormStep, Login, LoginCommand, LoginCookie, LoginForm, LoginHeader, LoginNone, LoginQuery, LoginRequests,
    LoginWebdriver,
};
pub use tls::{Identity, Tls};
