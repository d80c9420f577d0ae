//! Who a container's process is, from the image's own `/etc/passwd` and
//! `/etc/group`. Pure; the words of refusals are runc's.

use crate::oci::User;

struct Passwd<'a> {
    name: &'a str,
    uid: u32,
    gid: u32,
    home: &'a str,
}

struct Group<'a> {
    name: &'a str,
    gid: u32,
    members: Vec<&'a str>,
}

/// `asked` is `uid`, `uid:gid`, `name`, `name:group` or a mix; empty is root.
/// A number need not have an entry; then its group is 0 and it has no others.
/// A named or numbered group replaces the user's own and the supplementary ones.
pub(crate) fn resolve(asked: &str, passwd: &str, group: &str) -> Result<User, String> {
    let (user_part, group_part) = match asked.split_once(':') {
        Some((user, group)) => (user, Some(group).filter(|group| !group.is_empty())),
        None => (asked, None),
    };
    let user_part = if user_part.is_empty() { "0" } else { user_part };
    let number = user_part.parse::<u32>().ok();
    let entry = passwd
        .lines()
        .filter_map(passwd_line)
        .find(|entry| entry.name == user_part || Some(entry.uid) == number);
    let (uid, own_gid, name, home) = match (&entry, number) {
        (Some(entry), _) => (entry.uid, entry.gid, Some(entry.name), entry.home),
        (None, Some(uid)) => (uid, 0, None, "/"),
        (None, None) => {
            return Err(format!(
                "unable to find user {user_part}: no matching entries in passwd file"
            ));
        }
    };
    let home = if home.is_empty() { "/" } else { home }.to_owned();
    let groups: Vec<Group> = group.lines().filter_map(group_line).collect();
    let Some(group_part) = group_part else {
        let of_user = |group: &&Group| name.is_some_and(|name| group.members.contains(&name));
        let groups = groups.iter().filter(of_user).map(|group| group.gid);
        return Ok(User { uid, gid: own_gid, groups: groups.collect(), home });
    };
    let number = group_part.parse::<u32>().ok();
    let found = groups
        .iter()
        .find(|group| group.name == group_part || Some(group.gid) == number)
        .map(|group| group.gid);
    let gid = found.or(number).ok_or_else(|| {
        format!("unable to find group {group_part}: no matching entries in group file")
    })?;
    Ok(User { uid, gid, groups: Vec::new(), home })
}

fn passwd_line(line: &str) -> Option<Passwd<'_>> {
    let fields: Vec<&str> = line.trim().split(':').collect();
    let (uid, gid) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
    Some(Passwd { name: fields[0], uid, gid, home: fields.get(5).copied().unwrap_or("/") })
}

fn group_line(line: &str) -> Option<Group<'_>> {
    let fields: Vec<&str> = line.trim().split(':').collect();
    let members = fields.get(3).map(|list| list.split(',').collect()).unwrap_or_default();
    Some(Group { name: fields[0], gid: fields.get(2)?.parse().ok()?, members })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/sh\n# note\napp:x:1000:1001::/home/app:/bin/sh\n";
    const GROUP: &str = "root:x:0:\nstaff:x:50:app,other\nwheel:x:60:other\n";

    fn check(asked: &str) -> String {
        match resolve(asked, PASSWD, GROUP) {
            Ok(user) => format!("{}:{} {:?} {}", user.uid, user.gid, user.groups, user.home),
            Err(reason) => reason,
        }
    }

    #[test]
    fn forms() {
        assert_eq!(check(""), "0:0 [] /root");
        assert_eq!(check("app"), "1000:1001 [50] /home/app");
        assert_eq!(check("1000"), "1000:1001 [50] /home/app");
        assert_eq!(check("app:wheel"), "1000:60 [] /home/app");
        assert_eq!(check("app:7"), "1000:7 [] /home/app");
        assert_eq!(check("4242"), "4242:0 [] /");
        assert_eq!(check("4242:4243"), "4242:4243 [] /");
        assert_eq!(
            check("nobody"),
            "unable to find user nobody: no matching entries in passwd file"
        );
        assert_eq!(
            check("app:none"),
            "unable to find group none: no matching entries in group file"
        );
    }
}
