//! One-time passwords: the bare functions, then enrolments and what their codes open.

use reference_server::otp::{OtpHash, hotp};

use super::Probe;
use crate::browser::*;

const KEY: &str = "3132333435363738393031323334353637383930";
const LONG: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

impl Probe {
    pub fn one_time_passwords(&mut self) {
        for form in
            ["counter=1", "counter=4294967297", "counter=0&digits=8", "counter=0&digits=4", "time=59", "time=45"]
        {
            for algorithm in ["SHA1", "SHA256"] {
                self.post("/otp/code", &format!("key={KEY}&{form}&algorithm={algorithm}"));
            }
        }
        for counter in 0..40 {
            self.post("/otp/code", &format!("key={KEY}&counter={counter}"));
        }
        self.post("/otp/code", &format!("key={KEY}&time=1111111109&digits=8"));
        self.post("/otp/code", &format!("key={KEY}&time=257698037760"));
        for form in [format!("key={KEY}&message=610062"), format!("key={LONG}&message=61"), "key=&message=".into()] {
            self.post("/otp/hmac", &form);
            self.post("/otp/hmac", &format!("{form}&length=4"));
        }
        self.enrolments();
        for kind in ["hotp", "totp"] {
            self.verifications(kind);
        }
        self.now = NOW;
    }

    fn enrolments(&mut self) {
        for more in ["", "&algorithm=SHA256", "&algorithm=SHA512", "&secret=GEZDGNA", "&type=hotp"] {
            self.post("/otp/enrol", &format!("username=alice&password=wonderland-4711{more}"));
            self.post("/otp/enrol", &format!("username=bob&password=builder-0815{more}"));
        }
    }

    /// Codes around the present one, each twice, oldest first and newest first, and once with a wrong password.
    fn verifications(&mut self, kind: &str) {
        for order in [[0, 1, 3, 2, 12, 0], [6, 5, 1, 0, 2, 3], [-1, 0, -1, 1, 2, 4], [-3, 0, 40, 41, 7, 8]] {
            let answer = self.post("/otp/enrol", &format!("username=alice&password=wonderland-4711&type={kind}"));
            let secret = data_encoding::BASE32_NOPAD.decode(member(&answer, "secret").as_bytes()).unwrap_or_default();
            let present = if kind == "totp" { self.now / 30_000 } else { 0 };
            for offset in order {
                let moving = present.saturating_add_signed(offset);
                let code = hotp(&secret, moving, 6, OtpHash::Sha1).unwrap_or_default();
                self.verify("wrong", &code);
                self.verify("wonderland-4711", &format!("+{code}"));
                self.verify("wonderland-4711", &code);
                self.verify("wonderland-4711", &code);
            }
            self.verify_with_counter(&secret, 1);
            self.now += 120_000;
        }
        for guess in 0..70 {
            let cookie = format!("sid={guess}");
            let form = "username=bob&password=builder-0815&code=x";
            self.send(reference_server::Request::post("/otp/verify", form).with("Cookie", &cookie));
        }
        let answer = self.post("/otp/enrol", &format!("username=alice&password=wonderland-4711&type={kind}"));
        let secret = data_encoding::BASE32_NOPAD.decode(member(&answer, "secret").as_bytes()).unwrap_or_default();
        let present = if kind == "totp" { self.now / 30_000 } else { 0 };
        self.verify("wonderland-4711", &hotp(&secret, present, 6, OtpHash::Sha1).unwrap_or_default());
        self.post("/otp/enrol", &format!("username=bob&password=builder-0815&type={kind}"));
        self.post("/otp/verify", "username=bob&password=builder-0815&code=y");
    }

    fn verify(&mut self, password: &str, code: &str) {
        self.post("/otp/verify", &format!("username=alice&password={password}&code={}", super::encoded(code)));
    }

    fn verify_with_counter(&mut self, secret: &[u8], counter: u64) {
        let code = hotp(secret, counter, 6, OtpHash::Sha1).unwrap_or_default();
        self.post("/otp/verify", &format!("username=alice&password=wonderland-4711&code={code}&counter={counter}"));
    }
}
