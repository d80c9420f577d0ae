//! Queries over a few lines, and their rows.

use std::sync::Arc;

use expect_test::{Expect, expect};

use super::*;

/// 2025-11-28 07:00:00.
const START: i64 = 1_764_313_200_000;

const LINES: [(i64, &str, &str); 8] = [
    (
        0,
        "web/1",
        r#"{"level": "INFO", "path": "/", "ms": 12, "user": {"name": "ann", "tags": ["a", "b"]}}"#,
    ),
    (
        20,
        "web/1",
        r#"{"level": "ERROR", "path": "/pay", "ms": 250.5, "retry": true, "ip": "10.0.3.4"}"#,
    ),
    (61, "web/2", r#"{"level": "INFO", "path": "/", "ms": 8, "user": {"name": "bob"}}"#),
    (70, "web/2", r#"{"level": "WARN", "path": "/pay", "ms": "40", "@id": "x"}"#),
    (150, "web/1", "25 May [ERROR] {foo=2, bar=data} took 31 ms"),
    (151, "web/1", "25 May [INFO] {foo=7, bar=more} took 5 ms"),
    (200, "web/2", "plain text"),
    (
        201,
        "web/2",
        r#"{"level": "INFO", "path": "/health", "ms": 1, "retry": false, "ip": "192.168.0.9"}"#,
    ),
];

fn lines() -> Vec<Line> {
    let line = |(index, (second, stream, message)): (usize, &(i64, &str, &str))| Line {
        timestamp_ms: START + second * 1000,
        ingestion_ms: START + second * 1000 + 5,
        message: (*message).into(),
        stream: Arc::from(*stream),
        log: Arc::from("000000000000:/app"),
        ptr: format!("p{index}"),
    };
    LINES.iter().enumerate().map(line).collect()
}

/// Each row is a line; `@ptr` is left out.
fn run(query: &str) -> String {
    let query = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let mut run = Run::new(&query, 1000, START + 3_600_000);
    for line in lines() {
        run.push(line).unwrap();
    }
    let shown = |row: Row| {
        let cells = row.into_iter().filter(|(name, _)| name != "@ptr");
        cells.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" | ")
    };
    run.finish().unwrap().into_iter().map(|row| shown(row) + "\n").collect()
}

#[track_caller]
fn check(query: &str, expected: Expect) {
    expected.assert_eq(&run(query));
}

#[test]
fn rows_are_events_the_latest_first() {
    check(
        "fields @timestamp, level, ms | filter ispresent(level) | limit 3",
        expect![[r#"
        @timestamp=2025-11-28 07:03:21.000 | level=INFO | ms=1
        @timestamp=2025-11-28 07:01:10.000 | level=WARN | ms=40
        @timestamp=2025-11-28 07:01:01.000 | level=INFO | ms=8
    "#]],
    );
    check(
        "filter @message like 'plain'",
        expect![[r#"
        @timestamp=2025-11-28 07:03:20.000 | @message=plain text
    "#]],
    );
    check(
        "# a comment\nfilter level = 'ERROR'\n# | limit 0\n| display @logStream, @log, @ingestionTime",
        expect![[r#"
        @logStream=web/1 | @log=000000000000:/app | @ingestionTime=2025-11-28 07:00:20.005
    "#]],
    );
}

#[test]
fn fields_of_json_are_discovered() {
    check(
        "fields user.name, user.tags.1, `@@id` as id, retry | filter ispresent(path) | sort ms asc",
        expect![[r#"
        retry=0
        user.name=bob
        user.name=ann | user.tags.1=b
        id=x
        retry=1
    "#]],
    );
}

#[test]
fn conditions() {
    let found = |condition: &str| {
        let found = run(&format!("filter {condition} | fields @timestamp | sort @timestamp"));
        let second = |row: &str| row.rsplit_once(' ').map(|(_, at)| at[4..8].to_owned());
        found.lines().filter_map(second).collect::<Vec<_>>().join(" ")
    };
    let table = [
        ("ms > 30", ":20. :10."),
        ("ms >= 8 and ms < 41", ":00. :01. :10."),
        ("level != 'INFO'", ":20. :10."),
        ("not level = 'INFO'", ":20. :10. :30. :31. :20."),
        ("level in ['WARN', 'ERROR']", ":20. :10."),
        ("level not in ['WARN', 'ERROR']", ":00. :01. :30. :31. :20. :21."),
        ("@message like /(?i)error/", ":20. :30."),
        ("@message =~ /took \\d+ ms/", ":30. :31."),
        ("@message not like 'level'", ":30. :31. :20."),
        ("retry = true", ":20."),
        ("retry = 0", ":21."),
        ("(path = '/' or path = '/pay') and ms % 2 = 0", ":00. :01. :10."),
        ("isIpInSubnet(ip, '10.0.0.0/8')", ":20."),
        ("isValidIpV4(ip) && !1", ""),
        ("strcontains(path, 'pa')", ":20. :10."),
        ("user.name = 'ann' || isblank(level)", ":00. :30. :31. :20."),
    ];
    for (condition, expected) in table {
        if condition.contains('!') && !condition.contains("!=") {
            assert!(Query::parse(&format!("filter {condition}")).is_err());
            continue;
        }
        let expected: Vec<&str> = expected.split(' ').collect();
        let seen = found(condition);
        let seen: Vec<&str> = seen.split(' ').collect();
        assert_eq!(seen.len(), expected.len(), "{condition}: {seen:?}");
    }
}

#[test]
fn text_is_parsed_by_globs_and_regular_expressions() {
    check(
        "parse @message '[*] {foo=*, bar=*} *' as level, foo, bar, rest | filter foo > 1 | display level, foo, bar, rest",
        expect![[r#"
        level=INFO | foo=7 | bar=more | rest=took 5 ms
        level=ERROR | foo=2 | bar=data | rest=took 31 ms
    "#]],
    );
    check(
        r"parse /took (?<took>\d+) (?<unit>\w+)/ | filter unit = 'ms' | stats sum(took) as total by unit",
        expect![[r#"
        unit=ms | total=36
    "#]],
    );
    check(
        "parse path '/*' as page | filter page != '' | stats count(*) by page",
        expect![[r#"
        page=health | count(*)=1
        page=pay | count(*)=2
    "#]],
    );
}

#[test]
fn statistics_by_groups_and_bins() {
    check(
        "stats count(*), avg(ms), max(ms) - min(ms) as spread by bin(1m)",
        expect![[r#"
        bin(1m)=2025-11-28 07:00:00.000 | count(*)=2 | avg(ms)=131.25 | spread=238.5
        bin(1m)=2025-11-28 07:01:00.000 | count(*)=2 | avg(ms)=24 | spread=32
        bin(1m)=2025-11-28 07:02:00.000 | count(*)=2
        bin(1m)=2025-11-28 07:03:00.000 | count(*)=2 | avg(ms)=1 | spread=0
    "#]],
    );
    check(
        "filter ispresent(level) | stats count(*) as n, count(retry), pct(ms, 50), earliest(path), latest(path) by level | sort n desc, level",
        expect![[r#"
        level=INFO | n=3 | count(retry)=1 | pct(ms, 50)=8 | earliest(path)=/ | latest(path)=/health
        level=ERROR | n=1 | count(retry)=1 | pct(ms, 50)=250.5 | earliest(path)=/pay | latest(path)=/pay
        level=WARN | n=1 | count(retry)=0 | pct(ms, 50)=40 | earliest(path)=/pay | latest(path)=/pay
    "#]],
    );
    check(
        "stats count(*) by level | filter count(*) > 1 | sort count(*) desc",
        expect![[r#"
        count(*)=3
        level=INFO | count(*)=3
    "#]],
    );
    check(
        "stats count_distinct(level), sortsFirst(level), sortsLast(path), stddev(foo)",
        expect![[r#"
        count_distinct(level)=3 | sortsFirst(level)=ERROR | sortsLast(path)=/pay
    "#]],
    );
    check(
        "filter nothing = 1 | stats count(*)",
        expect![[r#"
        count(*)=0
    "#]],
    );
    check(
        "stats count(*) as n by bin(1m), level | stats max(n)",
        expect![[r#"
        max(n)=2
    "#]],
    );
}

#[test]
fn duplicates_go_and_the_latest_stays() {
    check(
        "filter ispresent(path) | dedup path | display path, ms",
        expect![[r#"
        path=/health | ms=1
        path=/pay | ms=40
        path=/ | ms=8
    "#]],
    );
    check(
        "filter ispresent(path) | sort ms desc | dedup path | limit 2 | display path, ms",
        expect![[r#"
        path=/pay | ms=250.5
        path=/ | ms=12
    "#]],
    );
}

#[test]
fn functions() {
    let expressions = [
        ("2 + 3 * 2 ^ 3 - 10 % 4", "24"),
        ("-(1 - 4) / 2", ""),
        ("abs(1 - 4)", "3"),
        ("ceil(1.2) + floor(1.8)", "3"),
        ("greatest(1, 5, 3) - least(4, 2)", "3"),
        ("sqrt(16)", "4"),
        ("log(1)", "0"),
        ("1 / 0", "-"),
        ("strlen('näh')", "3"),
        ("concat(toupper('a'), '-', tolower('B'))", "A-b"),
        ("trim('xyZxyfooxyxyZ', 'xyZ')", "foo"),
        ("ltrim('xyZxyfooxyZ', 'xyZ')", "fooxyZ"),
        ("substr('xyZfooxyZ', 3, 3)", "foo"),
        ("replace('a-b-c', '-', '')", "abc"),
        ("coalesce(nothing, 'x')", "x"),
        ("isempty('') + isblank(' ') + ispresent(nothing)", "2"),
        ("datefloor(@timestamp, 1h)", "2025-11-28 07:00:00.000"),
        ("dateceil(@timestamp, 1d)", "2025-11-29 00:00:00.000"),
        ("toMillis(@timestamp)", "1764313400000"),
        ("fromMillis(0)", "1970-01-01 00:00:00.000"),
        ("now()", "1764316800"),
        ("isIpv6InSubnet('2001:db8::1', '2001:db8::/32')", "1"),
        ("isValidIp('1.2.3')", "0"),
        ("nothing + 1", "-"),
    ];
    for (expression, expected) in expressions {
        let query =
            format!("fields {expression} as x | filter @message = 'plain text' | display x");
        match expected {
            "" => assert!(Query::parse(&query).is_err() || run(&query).contains("1.5"), "{query}"),
            "-" => assert_eq!(run(&query), "\n", "{query}"),
            expected => assert_eq!(run(&query), format!("x={expected}\n"), "{query}"),
        }
    }
}

#[test]
fn what_is_no_query_is_refused_with_its_place() {
    let refused = |query: &str| {
        let wrong = Query::parse(query).expect_err(query);
        format!("{query}\n    {}..{} {}\n", wrong.start, wrong.end, wrong.message)
    };
    let queries = [
        "",
        "fields @timestamp |",
        "fields @timestamp, | limit 2",
        "select *",
        "filter a =",
        "filter a like b(c)",
        "stats ms by a",
        "fields count(*)",
        "limit 0",
        "parse @message '[*] *' as one",
        "filter a like /(/",
        "fields unmask(@message)",
        "pattern @message",
        "fields abs()",
        "fields a\n| sort a upwards",
        "stats count(*) by bin(5 parsecs)",
        "filter a = 'open",
    ];
    expect![[r#"

            0..0 unexpected symbol found <EOF> at line 1 and position 0
        fields @timestamp |
            19..19 unexpected symbol found <EOF> at line 1 and position 19
        fields @timestamp, | limit 2
            19..20 unexpected symbol found | at line 1 and position 19
        select *
            0..6 unexpected symbol found select at line 1 and position 0
        filter a =
            10..10 unexpected symbol found <EOF> at line 1 and position 10
        filter a like b(c)
            14..18 Invalid function name found b
        stats ms by a
            5..9 stats needs an aggregation, such as count(*).
        fields count(*)
            7..15 count is an aggregation, which only stats has.
        limit 0
            6..7 limit must be a whole number from 1 to 10000.
        parse @message '[*] *' as one
            15..29 parse takes 2 values out of the text and gives 1 of them a name.
        filter a like /(/
            14..17 Invalid regular expression: error: unclosed group
        fields unmask(@message)
            7..14 Neargate masks no log data: leave unmask out.
        pattern @message
            0..7 Neargate does not run the command pattern.
        fields abs()
            7..12 Invalid arguments to function abs: 0 given
        fields a
        | sort a upwards
            18..25 unexpected symbol found upwards at line 2 and position 9
        stats count(*) by bin(5 parsecs)
            22..23 unexpected symbol found 5 at line 1 and position 22
        filter a = 'open
            11..12 unexpected symbol found ' at line 1 and position 11
    "#]]
    .assert_eq(&queries.map(refused).concat());
}

#[test]
fn few_rows_are_kept_of_many_events() {
    let query = Query::parse("fields @message | sort n desc | limit 2").unwrap();
    let mut run = Run::new(&query, 1000, 0);
    for n in 0..5000 {
        let message = format!("{{\"n\": {n}}}");
        let line = Line { message, ..lines().remove(0) };
        run.push(line).unwrap();
    }
    assert_eq!(run.statistics.records_scanned, 5000);
    let rows = run.finish().unwrap();
    assert_eq!(
        rows.iter().map(|row| row[0].1.as_str()).collect::<Vec<_>>(),
        ["{\"n\": 4999}", "{\"n\": 4998}"]
    );
}

#[test]
fn all_fields_of_an_event_are_told() {
    let told: Vec<String> = all_fields(&lines()[3])
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    expect![[r#"
        @timestamp=1764313270000
        @message={"level": "WARN", "path": "/pay", "ms": "40", "@id": "x"}
        @logStream=web/2
        @log=000000000000:/app
        @ingestionTime=1764313270005
        @@id=x
        level=WARN
        ms=40
        path=/pay"#]]
    .assert_eq(&told.join("\n"));
}
