//! The facts that detections of sign-ins rest on.

use crate::detect::Evidence;
use crate::detect::calibration::CALIBRATION;

pub(super) const OF_SIGN_INS: &[Evidence] = &[
    Evidence::new(
        "network",
        "the autonomous system, split by country where anybody can rent an address in it",
        &[
            "habits.theft_new.network",
            "habits.honest_new.network",
            "habits.honest_new.place_of_pipeline",
            "habits.rented_network",
            "habits.kappa_days",
        ],
    ),
    Evidence::new(
        "country",
        "the country, given the network",
        &["habits.theft_new.country", "habits.honest_new.country", "habits.country_elsewhere", "peers.country"],
    ),
    Evidence::new("city", "the city, given the country", &["habits.theft_new.city", "habits.honest_new.city"]),
    Evidence::new(
        "addressPrefix",
        "the /24 or /48, given the city",
        &["habits.theft_new.prefix", "habits.theft_new.rented_prefix", "habits.honest_new.prefix"],
    ),
    Evidence::new(
        "placeAmongPeers",
        "whether the tenant's other principals come from the place",
        &["peers.own_exit", "peers.own_network", "peers.foreign"],
    ),
    Evidence::new("trustedPlace", "the tenant has named the place and trusts it", &["habits.trusted_place_bits"]),
    Evidence::new(
        "credentialNetwork",
        "the principal is known there, this credential is not",
        &["habits.theft_new.credential_network", "habits.honest_new.credential_network"],
    ),
    Evidence::new(
        "deployment",
        "client software and type of credential",
        &["habits.theft_new.deployment", "habits.honest_new.deployment", "habits.deployment_elsewhere"],
    ),
    Evidence::new("clientAmongPeers", "whether the tenant's other principals use the client", &["peers.deployment"]),
    Evidence::new(
        "resource",
        "the API that the token is for, and whether thieves go for it",
        &[
            "habits.theft_new.resource",
            "habits.honest_new.resource",
            "habits.honest_new.resource_without_place",
            "habits.resource_elsewhere",
            "habits.sought_resource",
        ],
    ),
    Evidence::new("hour", "the hour of the day", &["habits.rhythm"]),
    Evidence::new("minute", "the minutes of the hour", &["habits.rhythm"]),
    Evidence::new(
        "silentFor",
        "it was silent for long, and never so long before",
        &["habits.theft_new.silence", "habits.honest_new.silence", "habits.silence_max_bits"],
    ),
    Evidence::new(
        "neverSignedIn",
        "it was there before the tenant's sign-ins were watched, and never signed in since",
        &["habits.woken.least_days", "habits.woken.honest_share", "habits.woken.max_bits"],
    ),
    Evidence::new(
        "usedInParallelFrom",
        "the new place, after the known ones went on with the same credential",
        &["parallel_use.bits"],
    ),
    Evidence::new(
        "oddSignIn",
        "what was odd about a sign-in of the day, beside an odd act",
        &["taken_further.least_sign_in_bits", "taken_further.second_max_bits"],
    ),
    Evidence::new(
        "oddAct",
        "what was odd about a call or a change of the directory on the same day",
        &["taken_further.least_act_bits", "taken_further.second_max_bits"],
    ),
    Evidence::new(
        CALIBRATION,
        "how common doubtful findings of this kind are in the tenant, and how many alerts the operator wants",
        &["alerts.doubtful", "alerts.per_1000_principals_day"],
    ),
];
