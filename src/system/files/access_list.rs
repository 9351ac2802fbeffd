//! Who may access a file on Windows, by its access list.

/// Everyone, as an access list writes it (its SID).
const EVERYONE: &str = "WD";

/// Who is allowed anything by an access list in Windows' own notation (SDDL); everyone if a file has none. `None` if
/// the list has something that we do not understand, such as conditions.
fn allowed(descriptor: &str) -> Option<Vec<&str>> {
    let (_, list) = descriptor.split_once("D:")?;
    let (flags, entries) = list.split_at(list.find('(').unwrap_or(list.len()));
    if flags.contains("NO_ACCESS_CONTROL") {
        return Some(vec![EVERYONE]);
    }
    if entries.is_empty() {
        return Some(Vec::new());
    }
    let entries = entries.strip_prefix('(')?.strip_suffix(')')?.split(")(");
    let allowed: Option<Vec<_>> = entries.map(allowed_by).collect();
    Some(allowed?.into_iter().flatten().collect())
}

/// Who is allowed something by one entry, if anybody; `None` for an entry of a kind that we do not understand.
fn allowed_by(entry: &str) -> Option<Option<&str>> {
    let fields: Vec<_> = entry.split(';').collect();
    let [kind, flags, rights, _, _, who] = fields[..] else { return None };
    // An entry only for what is created inside a folder does not apply to the folder itself.
    let is_for_others_only = flags.as_bytes().chunks(2).any(|flag| flag == b"IO");
    match kind {
        _ if who.is_empty() || entry.contains(['(', ')']) => None,
        "A" | "OA" => Some((!is_for_others_only && !rights.is_empty()).then_some(who)),
        "D" | "OD" => Some(None),
        _ => None,
    }
}

#[cfg(windows)]
pub(super) use of_windows::{complaint, of_file, of_path};

#[cfg(windows)]
mod of_windows {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use windows_permissions::constants::{SeObjectType, SecurityInformation};
    use windows_permissions::utilities::current_process_sid;
    use windows_permissions::wrappers::{
        ConvertSecurityDescriptorToStringSecurityDescriptor, GetNamedSecurityInfo, GetSecurityInfo,
        LookupAccountSid,
    };
    use windows_permissions::{LocalBox, SecurityDescriptor, Sid};

    /// The system, its administrators, and the rights that an owner has anyway: they could take any right.
    const TRUSTED: [&str; 3] = ["S-1-5-18", "S-1-5-32-544", "S-1-3-4"];

    /// The owner of something, and who may use it.
    pub(in super::super) type Access = io::Result<LocalBox<SecurityDescriptor>>;

    /// Of a file or a folder.
    pub(in super::super) fn of_path(path: &Path) -> Access {
        GetNamedSecurityInfo(path.as_os_str(), SeObjectType::SE_FILE_OBJECT, asked())
    }

    /// Of an open file, whatever file has its name by now.
    pub(in super::super) fn of_file(file: &File) -> Access {
        GetSecurityInfo(file, SeObjectType::SE_FILE_OBJECT, asked())
    }

    fn asked() -> SecurityInformation {
        SecurityInformation::Owner | SecurityInformation::Dacl
    }

    /// What is wrong with it; `None` if only the user and administrators may use it. What cannot be determined is
    /// wrong.
    pub(in super::super) fn complaint(access: Access) -> Option<String> {
        access.and_then(|found| judged(&found)).unwrap_or_else(|why| {
            Some(format!("may be used by others, for its access list cannot be read: {why}"))
        })
    }

    fn judged(found: &SecurityDescriptor) -> io::Result<Option<String>> {
        let me = current_process_sid()?;
        if !found.owner().is_some_and(|owner| is_trusted(owner, &me)) {
            return Ok(Some("belongs to another user".to_owned()));
        }
        let text = ConvertSecurityDescriptorToStringSecurityDescriptor(found, asked())?;
        let text = text.to_string_lossy();
        let unknown = || io::Error::other("it is not understood");
        let mut others = Vec::new();
        for who in super::allowed(&text).ok_or_else(unknown)? {
            let who: LocalBox<Sid> = who.parse()?;
            if !is_trusted(&who, &me) {
                others.push(name(&who));
            }
        }
        others.sort();
        others.dedup();
        Ok((!others.is_empty()).then(|| format!("may be used by others ({})", others.join(", "))))
    }

    fn is_trusted(who: &Sid, me: &Sid) -> bool {
        who == me || TRUSTED.contains(&who.to_string().as_str())
    }

    /// Their names, or the number of an account that no longer exists.
    fn name(who: &Sid) -> String {
        match LookupAccountSid(who) {
            Ok((name, domain)) if domain.is_empty() => name.to_string_lossy().into_owned(),
            Ok((name, domain)) => format!("{}\\{}", domain.display(), name.display()),
            Err(_) => who.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_access_list_names_whom_it_allows_anything() {
        let table: [(&str, Option<&[&str]>); 12] = [
            ("O:BAD:PAI(A;;FA;;;SY)(A;;FA;;;BA)", Some(&["SY", "BA"])),
            (
                "O:LAD:AI(A;ID;0x1200a9;;;BU)(A;ID;FA;;;S-1-5-21-1-2-3-1001)",
                Some(&["BU", "S-1-5-21-1-2-3-1001"]),
            ),
            ("O:S-1-5-21-1-2-3-1001D:(A;;FR;;;WD)", Some(&["WD"])),
            // An account that is denied something may still be allowed the rest.
            ("O:BAD:(D;;FW;;;WD)(A;;FR;;;AU)", Some(&["AU"])),
            ("O:BAD:(A;OICIIO;GA;;;CO)(A;OICI;FA;;;BA)", Some(&["BA"])),
            ("O:BAD:(A;;;;;WD)", Some(&[])),
            ("O:BAD:P", Some(&[])),
            // No list at all allows everything.
            ("O:BAD:NO_ACCESS_CONTROL", Some(&["WD"])),
            ("O:BA", None),
            ("O:BAD:(XA;;FX;;;WD;(@User.Title==\"a)(b\"))", None),
            ("O:BAD:(A;;FA;;;)", None),
            ("O:BAD:(A;;FA;;;SY)(", None),
        ];
        for (descriptor, who) in table {
            assert_eq!(allowed(descriptor).as_deref(), who, "{descriptor}");
        }
    }
}
