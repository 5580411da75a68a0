//! The devices that wait for their users: found by the device code when they poll, by the user code when somebody
//! types it. Bounded as every store is; a device stays a while after its end, so that one which polls late is told why.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::audience::Audience;
use crate::grants::Grant;
use crate::scope::Scope;
use crate::shelf::{Full, Key, Shelf, key};

const DEVICES: usize = 100_000;
/// So many milliseconds an expired device is remembered.
const AFTERWARDS: u64 = 600_000;

/// A device that asked for access.
#[derive(Clone, Debug)]
pub struct Device {
    /// The client that it runs.
    pub client: Arc<str>,
    /// The code as it shows it.
    pub user_code: String,
    /// The scope that can be granted.
    pub scope: Scope,
    /// The scope that the request names; empty when it names none.
    pub requested: Scope,
    /// The resource servers that tokens are for.
    pub audience: Audience,
    /// What the user said.
    pub decision: Decision,
    /// When its codes end, in Unix milliseconds.
    pub ends: u64,
    /// Seconds between two polls.
    pub interval: u64,
    /// When it may poll again, in Unix milliseconds.
    pub next: u64,
}

/// What the user said to a device.
#[derive(Clone, Debug)]
pub enum Decision {
    /// Nothing yet.
    Awaited,
    /// No.
    Denied,
    /// Yes, to this.
    Approved(Arc<Grant>),
    /// Yes, and the tokens were collected.
    Collected(Arc<Grant>),
}

impl Device {
    /// A device that may poll at once.
    pub fn new(
        client: Arc<str>,
        user_code: &str,
        scope: Scope,
        requested: Scope,
        audience: Audience,
        ends: u64,
    ) -> Self {
        let (user_code, decision, interval) = (user_code.to_owned(), Decision::Awaited, super::INTERVAL);
        Self { client, user_code, scope, requested, audience, decision, ends, interval, next: 0 }
    }
}

/// The devices.
#[derive(Debug)]
pub struct Devices(Mutex<Tables>);

#[derive(Debug)]
struct Tables {
    devices: Shelf<Device>,
    user_codes: Shelf<Key>,
}

impl Devices {
    /// No device yet.
    pub fn new() -> Self {
        Self(Mutex::new(Tables { devices: Shelf::new(DEVICES), user_codes: Shelf::new(DEVICES) }))
    }

    /// Keeps a device. Where another one shows the same code there is no room for it.
    pub fn keep(&self, device_code: &str, user_code: Key, device: Device, now: u64) -> Result<(), Full> {
        let (mut tables, ends) = (self.tables(), device.ends);
        if tables.user_codes.get(&user_code, now).is_some() {
            return Err(Full);
        }
        let key = key(device_code);
        tables.devices.put(key, device, ends.saturating_add(AFTERWARDS), now)?;
        tables.user_codes.put(user_code, key, ends, now)
    }

    /// Looks at the device that polls and changes it, as one operation.
    pub fn polled<T>(&self, device_code: &str, now: u64, act: impl FnOnce(&mut Device) -> T) -> Option<T> {
        self.tables().devices.get_mut(&key(device_code), now).map(act)
    }

    /// The device that shows this code and waits for an answer.
    pub fn waiting(&self, user_code: &Key, now: u64) -> Option<Device> {
        let mut tables = self.tables();
        tables.waiting(user_code, now).cloned()
    }

    /// Keeps what the user said; `None` when there is nothing to say any more.
    pub fn decide(&self, user_code: &Key, decision: Decision, now: u64) -> Option<()> {
        let mut tables = self.tables();
        tables.waiting(user_code, now).map(|device| device.decision = decision)
    }

    /// Any device that waits.
    pub fn any_waiting(&self) -> Option<Device> {
        self.tables().devices.values().find(|device| device.waits()).cloned()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn waiting(&mut self, user_code: &Key, now: u64) -> Option<&mut Device> {
        let key = self.user_codes.get(user_code, now)?;
        self.devices.get_mut(key, now).filter(|device| device.waits())
    }
}

impl Device {
    fn waits(&self) -> bool {
        matches!(self.decision, Decision::Awaited)
    }
}
