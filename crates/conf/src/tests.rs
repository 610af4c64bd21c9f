//! The mechanism, over a small table of its own.

use crate::{FlagName, Kind, Refusal, Table, Values, page};

const LIGHTS: &[FlagName] = &[
    FlagName {
        name: "low",
        bits: 1,
        unsupported: None,
    },
    FlagName {
        name: "high",
        bits: 2,
        unsupported: None,
    },
    FlagName {
        name: "all",
        bits: 3,
        unsupported: None,
    },
    FlagName {
        name: "laser",
        bits: 4,
        unsupported: Some("too dangerous"),
    },
];

fn is_short(text: &str) -> bool {
    text.len() < 10
}

fn no_stars(list: &str) -> Result<(), String> {
    if list.contains('*') {
        Err("a star".into())
    } else {
        Ok(())
    }
}

mod car {
    use super::{LIGHTS, is_short, no_stars};
    use crate::ChoiceName;

    const fn is(name: &'static str, value: i32) -> ChoiceName {
        ChoiceName { name, value }
    }

    crate::properties! {
        /// The properties of a car.
        pub(super) static CAR;

        /// Its name.
        NAME: Text = text("name").or("car").checked(is_short);
        /// Its plate, to the letter.
        PLATE: Text = verbatim("plate");
        /// How many
        /// doors it has.
        DOORS: Int = int("doors", 2..=5, 4).named(&[is("few", 2)]).medium();
        /// How much it holds.
        TANK: Float = float("tank", 0.0..=80.5, 50.0);
        /// Whether it floats.
        FLOATS: Bool = boolean("floats", false).producer();
        /// What moves it.
        ENGINE: Choice = choice("engine", &[is("petrol", 0), is("gas", 0), is("electric", 1)], 0);
        /// What shines.
        LIGHT: Flags = flags("light", LIGHTS, 1).consumer();
        /// Where it goes.
        ROUTES: Patterns = patterns("routes", no_stars);
        /// Who drives it.
        DRIVER: Opaque = pointer("driver", false);
        /// Who built it.
        BUILDER: Opaque = pointer("builder", true);
        /// Its key.
        KEY: Text = text("key").sensitive().hidden();
        /// Another name of `doors`.
        PORTES: Alias = alias("portes", "doors");
        /// Its wings.
        WINGS: Alias = refused("wings", "cars have none");
        /// Its inside.
        INSIDE: Alias = internal("inside");
        /// Its anchor.
        ANCHOR: Text = text("anchor").or("none").unsupported("only for ships").deprecated();
    }
}

use car::CAR;

fn set(values: &mut Values, name: &str, value: &str) -> Result<(), Refusal> {
    values.set(CAR.find(name).unwrap(), value)
}

fn outcome(name: &str, value: &str) -> Result<Option<String>, Refusal> {
    let mut values = Values::new(&CAR);
    set(&mut values, name, value)?;
    Ok(values.show(CAR.find(name).unwrap()))
}

fn shown(name: &str, value: &str) -> String {
    outcome(name, value).unwrap().unwrap()
}

#[test]
fn keys_read_typed_values() {
    car::check_keys();
    let values = Values::new(&CAR);
    assert_eq!(values.get(car::NAME), Some("car"));
    assert_eq!(values.get(car::PLATE), None);
    assert_eq!(values.get(car::DOORS), 4);
    assert!((values.get(car::TANK) - 50.0).abs() < f64::EPSILON);
    assert!(!values.get(car::FLOATS));
    assert_eq!(values.get(car::ENGINE), 0);
    assert_eq!(values.get(car::LIGHT), 1);
    assert!(!values.get(car::DRIVER));
    assert!(values.get(car::BUILDER));
}

#[test]
fn an_alias_is_the_property_it_names() {
    let mut values = Values::new(&CAR);
    set(&mut values, "portes", "5").unwrap();
    assert_eq!(values.get(car::DOORS), 5);
    assert!(values.is_set(car::DOORS));
    assert_eq!(CAR.find("nothing"), None);
}

#[test]
fn a_number_is_in_its_range_or_a_name() {
    assert_eq!(shown("doors", "3"), "3");
    assert_eq!(shown("doors", "FEW"), "2");
    let refusal = Refusal::OutOfRange {
        value: 6,
        min: 2,
        max: 5,
    };
    assert_eq!(outcome("doors", "6"), Err(refusal));
    assert_eq!(
        outcome("doors", "many"),
        Err(Refusal::NotANumber("many".into()))
    );
    assert_eq!(outcome("doors", ""), Err(Refusal::Empty));
}

#[test]
fn a_number_of_more_than_32_bits_is_out_of_range_even_if_its_lower_half_is_not() {
    let value = (1 << 32) + 3;
    let refusal = Refusal::OutOfRange {
        value,
        min: 2,
        max: 5,
    };
    assert_eq!(outcome("doors", &value.to_string()), Err(refusal));
}

#[test]
fn a_fraction_is_in_its_range() {
    assert_eq!(shown("tank", "0.25"), "0.25");
    let refusal = Refusal::FloatOutOfRange {
        value: 81.0,
        min: 0.0,
        max: 80.5,
    };
    assert_eq!(outcome("tank", "81"), Err(refusal));
    assert_eq!(
        outcome("tank", "nan"),
        Err(Refusal::NotANumber("nan".into()))
    );
}

#[test]
fn text_is_trimmed_at_its_start_unless_it_is_verbatim() {
    assert_eq!(shown("name", " \tx "), "x ");
    assert_eq!(shown("plate", " x"), " x");
}

#[test]
fn empty_text_is_the_default_and_refused_where_text_is_checked() {
    assert_eq!(outcome("plate", ""), Ok(None));
    assert_eq!(outcome("name", ""), Err(Refusal::NotAccepted(None)));
    let long = "a very long name";
    assert_eq!(
        outcome("name", long),
        Err(Refusal::NotAccepted(Some(long.into())))
    );
}

#[test]
fn a_choice_shows_the_first_name_of_its_number() {
    assert_eq!(shown("engine", "Gas"), "petrol");
    assert_eq!(shown("engine", " electric"), "electric");
    assert_eq!(
        outcome("engine", "steam"),
        Err(Refusal::UnknownName("steam".into()))
    );
}

#[test]
fn white_space_is_no_choice_and_no_mistake() {
    let mut values = Values::new(&CAR);
    assert_eq!(set(&mut values, "engine", "  "), Ok(()));
    assert!(!values.is_set(car::ENGINE));
}

#[test]
fn flags_are_added_and_taken_away() {
    assert_eq!(shown("light", "high"), "low,high,all");
    assert_eq!(shown("light", "-low, +HIGH"), "high");
    assert_eq!(shown("light", "-all,"), "");
    assert_eq!(
        outcome("light", "low,fog"),
        Err(Refusal::UnknownName("fog".into()))
    );
    let refusal = Refusal::UnsupportedName {
        name: "laser".into(),
        reason: "too dangerous",
    };
    assert_eq!(outcome("light", "laser"), Err(refusal));
}

#[test]
fn flags_before_a_mistake_are_kept() {
    let mut values = Values::new(&CAR);
    assert!(set(&mut values, "light", "high,fog").is_err());
    assert_eq!(values.get(car::LIGHT), 3);
}

#[test]
fn patterns_are_checked_by_their_table() {
    assert_eq!(shown("routes", "a,b"), "a,b");
    assert_eq!(
        outcome("routes", "*"),
        Err(Refusal::BadPattern("a star".into()))
    );
    assert_eq!(outcome("routes", ""), Ok(None));
}

#[test]
fn what_cannot_be_set_says_why() {
    assert_eq!(outcome("driver", "x"), Err(Refusal::OnlyByCode));
    assert_eq!(outcome("inside", "x"), Err(Refusal::Internal));
    assert_eq!(outcome("wings", "x"), Err(Refusal::Known("cars have none")));
    assert_eq!(
        outcome("anchor", "x"),
        Err(Refusal::NotHere("only for ships"))
    );
}

#[test]
fn a_dump_shows_what_has_a_value_in_the_order_of_the_table() {
    let mut values = Values::new(&CAR);
    values.set_pointer(car::DRIVER, Some(0x10));
    let names: Vec<_> = values.dump().into_iter().map(|(name, _)| name).collect();
    let expected = [
        "name", "doors", "tank", "floats", "engine", "light", "driver", "builder", "anchor",
    ];
    assert_eq!(names, expected);
    assert!(values.dump().contains(&("driver", "0x10".into())));
}

#[test]
fn secrets_show_in_dumps_but_not_in_logs() {
    let mut values = Values::new(&CAR);
    set(&mut values, "key", "1234").unwrap();
    assert!(values.dump().contains(&("key", "1234".into())));
    assert_eq!(values.dump_set_redacted(), [("key", "[redacted]".into())]);
    assert!(!format!("{values:?}").contains("1234"));
}

#[test]
fn the_page_shows_every_row_that_is_not_hidden() {
    let page = page::markdown(&CAR);
    let line = |start: &str| page.lines().find(|line| line.starts_with(start)).unwrap();
    assert_eq!(
        line("doors"),
        "doors | * | 2 .. 5 | 4 | medium | How many doors it has. <br>*Type: integer*"
    );
    assert_eq!(
        line("portes"),
        "portes | * | 2 .. 5 | 4 | medium | Another name of `doors`. <br>*Type: integer*"
    );
    assert_eq!(
        line("light"),
        "light | C | low, high, all | low | low | What shines. <br>*Type: CSV flags*"
    );
    assert!(line("anchor").contains("**DEPRECATED** Its anchor. Not settable: only for ships."));
    assert!(!page.contains("\nkey | ") && !page.contains("\nwings | "));
}

#[test]
fn doc_comments_of_several_lines_become_one_description() {
    let row = CAR.row("doors").unwrap();
    assert_eq!(row.doc, "How many doors it has.");
    assert!(matches!(row.kind, Kind::Int { .. }));
    let _: &Table = &CAR;
}
