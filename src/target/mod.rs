//! The target file: where a provider is, what it offers, who its clients and users are, how one logs in.

mod environment;
mod file;
mod load;
mod registration;

pub use file::{
    Client, ClientAuth, Dialect, FormStep, Known, Login, LoginCommand, LoginCookie, LoginForm, LoginHeader, LoginNone,
    LoginQuery, LoginWebdriver, Pace, Target, User,
};
pub use load::TargetError;
