using EventFiles.Features.Quota;
using static EventFiles.Features.Quota.QuotaCommand;
using static EventFiles.Features.Quota.QuotaEvent;

namespace EventFiles.Features.Tests.Quota;

public sealed class QuotaDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly UploadId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly UploadId Second = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly FileId Photo = new(First.Value);
    private static readonly FileId Copy = new(Second.Value);

    private readonly Specification<QuotaCommand, QuotaState, QuotaEvent> quota = new(QuotaDecider.Decider, Noon);

    [Fact]
    public void An_upload_in_flight_takes_up_space() => quota
        .Given(Limited(100))
        .When(new Reserve(First, 60, Noon))
        .Then(new Reserved(First, 60, Noon) { After = new(100, 0, 60, 0) });

    [Fact]
    public void What_is_reserved_cannot_be_reserved_again() => quota
        .Given(Limited(100), new Reserved(First, 60, Noon) { After = new(100, 0, 60, 0) })
        .When(new Reserve(Second, 41, Noon))
        .ThenRejected(QuotaRejection.Exceeded);

    [Fact]
    public void The_last_byte_may_be_taken() => quota
        .Given(Limited(100), new Reserved(First, 60, Noon) { After = new(100, 0, 60, 0) })
        .When(new Reserve(Second, 40, Noon))
        .Then(new Reserved(Second, 40, Noon) { After = new(100, 0, 100, 0) });

    [Fact]
    public void A_reservation_may_grow_by_what_is_free() => quota
        .Given(Limited(100), new Reserved(First, 60, Noon) { After = new(100, 0, 60, 0) })
        .When(new Reserve(First, 100, Noon))
        .Then(new Reserved(First, 100, Noon) { After = new(100, 0, 100, 0) });

    [Fact]
    public void A_finished_upload_is_charged_for_what_it_really_holds() => quota
        .Given(Limited(100), new Reserved(First, 60, Noon) { After = new(100, 0, 60, 0) })
        .When(new Charge(First, Photo, 55))
        .Then(new Charged(First, Photo, 55) { After = new(100, 55, 0, 1) });

    [Fact]
    public void A_small_upload_needs_no_reservation() => quota
        .Given(Limited(100))
        .When(new Charge(First, Photo, 100))
        .Then(
            new Charged(First, Photo, 100) { After = new(100, 100, 0, 1) },
            new LevelReached(95) { After = new(100, 100, 0, 1) });

    [Fact]
    public void Of_each_level_it_is_told_once_each_time_that_it_is_reached()
    {
        var eighty = new Charged(First, Photo, 80) { After = new(100, 80, 0, 1) };
        quota.Given(Limited(100)).When(new Charge(First, Photo, 79)).Then(new Charged(First, Photo, 79) { After = new(100, 79, 0, 1) });
        quota.Given(Limited(100)).When(new Charge(First, Photo, 80)).Then(eighty, new LevelReached(80) { After = eighty.After });
        QuotaEvent[] told = [Limited(100), eighty, new LevelReached(80) { After = eighty.After }];
        Assert.Equal([new Charged(Second, Copy, 5) { After = new(100, 85, 0, 2) }], Decided(told, new Charge(Second, Copy, 5)));
        Assert.Equal(
            [new Charged(Second, Copy, 15) { After = new(100, 95, 0, 2) }, new LevelReached(95) { After = new(100, 95, 0, 2) }],
            Decided(told, new Charge(Second, Copy, 15)));
        QuotaEvent[] less = [.. told, new Freed(Photo, 80) { After = new(100, 0, 0, 0) }];
        Assert.Equal(
            [new Charged(Second, Copy, 81) { After = new(100, 81, 0, 1) }, new LevelReached(80) { After = new(100, 81, 0, 1) }],
            Decided(less, new Charge(Second, Copy, 81)));
    }

    [Fact]
    public void A_lowered_limit_warns_as_well_and_what_is_set_aside_does_not()
    {
        quota.Given(Limited(100), new Charged(First, Photo, 50) { After = new(100, 50, 0, 1) })
            .When(new SetLimit(60))
            .Then(new LimitSet(60) { After = new(60, 50, 0, 1) }, new LevelReached(80) { After = new(60, 50, 0, 1) });
        quota.Given(Limited(100)).When(new Reserve(First, 99, Noon)).Then(new Reserved(First, 99, Noon) { After = new(100, 0, 99, 0) });
    }

    [Fact]
    public void A_soft_limit_may_be_passed_for_two_weeks_and_then_only_what_was_begun_is_ended()
    {
        QuotaEvent[] ruled = [Limited(1000), Ruled(soft: 50)];
        var charged = new Charged(First, Photo, 60) { After = new(1000, 60, 0, 1) };
        var passed = new SoftLimitPassed(Noon + QuotaDecider.Grace) { After = charged.After };
        quota.Given(ruled).When(new Charge(First, Photo, 60)).Then(charged, passed);
        Assert.Equal([new Charged(Second, Copy, 1) { After = new(1000, 61, 0, 2) }], Decided([.. ruled, charged, passed], new Charge(Second, Copy, 1)));

        var late = new Specification<QuotaCommand, QuotaState, QuotaEvent>(QuotaDecider.Decider, passed.Until);
        QuotaEvent[] overdue = [.. ruled, charged, passed];
        late.Given(overdue).When(new Charge(Second, Copy, 1)).ThenRejected(QuotaRejection.SoftLimitOverdue);
        late.Given(overdue).When(new Reserve(Second, 1, Noon)).ThenRejected(QuotaRejection.SoftLimitOverdue);
        late.Given([.. overdue, new Reserved(Second, 5, Noon) { After = new(1000, 60, 5, 1) }])
            .When(new Charge(Second, Copy, 5)).Then(new Charged(Second, Copy, 5) { After = new(1000, 65, 0, 2) });
        late.Given(overdue).When(new Charge(Second, Copy, 5) { WasBegun = true })
            .Then(new Charged(Second, Copy, 5) { After = new(1000, 65, 0, 2) });
        late.Given([.. overdue, new Freed(Photo, 60) { After = new(1000, 0, 0, 0) }])
            .When(new Charge(Second, Copy, 1)).Then(new Charged(Second, Copy, 1) { After = new(1000, 1, 0, 1) });
    }

    [Fact]
    public void Files_are_counted_and_their_size_is_looked_at_whether_or_not_they_take_up_space()
    {
        QuotaEvent[] one = [Limited(1000), Ruled(files: 1, size: 60), new Charged(First, Photo, 60) { After = new(1000, 60, 0, 1) }];
        quota.Given(one).When(new Charge(Second, Copy, 1)).ThenRejected(QuotaRejection.TooManyFiles);
        quota.Given(one).When(new Reuse(Second, Copy, 60, new Holder(Photo, First))).ThenRejected(QuotaRejection.TooManyFiles);
        quota.Given(one).When(new Charge(Second, Photo, 61)).ThenRejected(QuotaRejection.FileTooLarge);
        quota.Given(one).When(new Charge(Second, Photo, 60)).Then(new Charged(Second, Photo, 60) { After = new(1000, 120, 0, 1) });
    }

    [Fact]
    public void Rules_are_none_at_first_and_no_soft_limit_is_above_the_limit()
    {
        quota.Given().When(new SetRules(QuotaRules.None)).ThenNothing();
        quota.Given(Limited(100)).When(new SetRules(new(101, null, null))).ThenRejected(QuotaRejection.SoftAboveLimit);
        quota.Given(Limited(100)).When(new SetRules(new(null, -1, null))).ThenRejected(QuotaRejection.NegativeLimit);
        quota.Given(Limited(100)).When(new SetRules(new(100, 7, 9))).Then(Ruled(100, 7, 9));
    }

    [Fact]
    public void Figures_that_departed_are_named_by_their_first_event_and_corrected()
    {
        QuotaEvent[] history =
        [
            Limited(100), new Charged(First, Photo, 30) { After = new(100, 31, 0, 1) }, new Reserved(Second, 20, Noon) { After = new(100, 31, 20, 1) },
        ];
        var replay = Replayed(history);
        Assert.True(replay.IsWrongNow);
        Assert.Equal(
            new QuotaDeparture("event", new QuotaStep(20, 2, "Charged"), new(100, 31, 0, 1), new(100, 30, 0, 1)), replay.Departure);

        var corrected = Decided(history, new Correct());
        Assert.Equal([new Corrected(new(100, 31, 20, 1)) { After = new(100, 30, 20, 1) }], corrected);
        replay = Replayed([.. history, .. corrected]);
        Assert.Null(replay.Departure);
        Assert.False(replay.IsWrongNow);
        quota.Given([.. history, .. corrected]).When(new Correct()).ThenNothing();

        QuotaEvent[] limited = [Limited(100), new Charged(First, Photo, 30) { After = new(900, 30, 0, 1) }];
        Assert.True(Replayed(limited).IsWrongNow);
        quota.Given(limited).When(new Correct()).Then(new Corrected(new(900, 30, 0, 1)) { After = new(100, 30, 0, 1) });
    }

    [Fact]
    public void A_view_that_missed_an_event_departs_there_and_one_that_says_what_never_was_where_it_stands()
    {
        var replay = Replayed(
            Limited(100), new Charged(First, Photo, 30) { After = new(100, 30, 0, 1) }, new Charged(Second, Copy, 20) { After = new(100, 50, 0, 2) });
        Assert.Null(replay.Departure);
        Assert.Equal(3, replay.Compare("view", new(100, 30, 0, 1), 30).At.Version);
        Assert.Equal(2, replay.Compare("view", new(100, 0, 0, 0), 30).At.Version);
        Assert.Equal((3, new Balance(100, 50, 0, 2)), (replay.Compare("view", new(100, 7, 0, 0), 30).At.Version, replay.Compare("view", new(100, 7, 0, 0), 30).Right));
        Assert.Equal(2, replay.Compare("snapshot", new(100, 7, 0, 0), 20).At.Version);
    }

    [Fact]
    public void Not_one_byte_too_many() => quota
        .Given(Limited(100))
        .When(new Charge(First, Photo, 101))
        .ThenRejected(QuotaRejection.Exceeded);

    [Fact]
    public void A_second_version_counts_its_bytes_and_no_second_file() => quota
        .Given(Limited(100), new Charged(First, Photo, 30) { After = new(100, 30, 0, 1) })
        .When(new Charge(Second, Photo, 20))
        .Then(new Charged(Second, Photo, 20) { After = new(100, 50, 0, 1) });

    [Fact]
    public void Deleting_gives_back_every_version() => quota
        .Given(
            Limited(100),
            new Charged(First, Photo, 30) { After = new(100, 30, 0, 1) },
            new Charged(Second, Photo, 20) { After = new(100, 50, 0, 1) })
        .When(new Free(Photo))
        .Then(new Freed(Photo, 50) { After = new(100, 0, 0, 0) });

    [Fact]
    public void The_bytes_of_a_deleted_version_are_given_back_once_and_the_file_stays() => quota
        .Given(
            Limited(100),
            new Charged(First, Photo, 30) { After = new(100, 30, 0, 1) },
            new Charged(Second, Photo, 20) { After = new(100, 50, 0, 1) })
        .When(new FreeUpload(First, Photo))
        .Then(new UploadFreed(First, Photo, 30) { After = new(100, 20, 0, 1) });

    [Fact]
    public void What_was_given_back_of_a_version_is_not_given_back_with_its_file() => quota
        .Given(
            Limited(100),
            new Charged(First, Photo, 30) { After = new(100, 30, 0, 1) },
            new Charged(Second, Photo, 20) { After = new(100, 50, 0, 1) },
            new UploadFreed(First, Photo, 30) { After = new(100, 20, 0, 1) })
        .When(new Free(Photo))
        .Then(new Freed(Photo, 20) { After = new(100, 0, 0, 0) });

    [Fact]
    public void Of_a_file_that_is_gone_no_version_is_given_back() => quota
        .Given(Limited(100), new Charged(First, Photo, 30) { After = new(100, 30, 0, 1) }, new Freed(Photo, 30) { After = new(100, 0, 0, 0) })
        .When(new FreeUpload(First, Photo))
        .ThenNothing();

    [Fact]
    public void The_same_bytes_take_up_space_once() => quota
        .Given(Limited(100), new Charged(First, Photo, 80) { After = new(100, 80, 0, 1) }, new Reserved(Second, 20, Noon) { After = new(100, 80, 20, 1) })
        .When(new Reuse(Second, Copy, 80, new Holder(Photo, First)))
        .Then(new Shared(Second, Copy, 80, First, Photo) { After = new(100, 80, 0, 2) });

    [Fact]
    public void What_nobody_has_any_more_or_has_another_size_is_not_shared()
    {
        var charged = new Charged(First, Photo, 80) { After = new(100, 80, 0, 1) };
        var share = new Reuse(Second, Copy, 80, new Holder(Photo, First));
        quota.Given(Limited(100)).When(share).ThenRejected(QuotaRejection.NotHeld);
        quota.Given(Limited(100), charged).When(share with { Bytes = 79 }).ThenRejected(QuotaRejection.NotHeld);
        quota.Given(Limited(100), charged, new GivenUp(Photo, [First], []) { After = charged.After }).When(share).ThenRejected(QuotaRejection.NotHeld);
        quota.Given(Limited(100), charged, new Freed(Photo, 80) { After = new(100, 0, 0, 0) }).When(share).ThenRejected(QuotaRejection.NotHeld);
    }

    [Fact]
    public void When_the_file_that_is_charged_goes_another_that_has_the_bytes_is_charged_whatever_the_limit_is()
    {
        QuotaEvent[] history =
        [
            Limited(100), new Charged(First, Photo, 80) { After = new(100, 80, 0, 1) },
            new Shared(Second, Copy, 80, First, Photo) { After = new(100, 80, 0, 2) }, new LimitSet(10) { After = new(10, 80, 0, 2) },
        ];
        var (space, happened) = After(history, new GiveUp(Photo, null));
        var given = Assert.IsType<GivenUp>(Assert.Single(happened));
        Assert.Equal([First], given.Uploads);
        Assert.Equal([new MovedCharge(First, Copy, Second, 80)], given.Moved);
        Assert.Equal(new Balance(10, 80, 0, 2), given.After);
        Assert.Equal((0, 80, true), (space.HeldBy(Photo), space.HeldBy(Copy), space.IsNeeded(First, Photo, First)));
        Assert.Empty(Decided([.. history, given], new GiveUp(Photo, null)));

        (space, happened) = After([.. history, given], new Free(Photo));
        Assert.Equal(new Freed(Photo, 0) { After = new(10, 80, 0, 1) }, Assert.Single(happened));
        (space, happened) = After([.. history, given, .. happened], new GiveUp(Copy, null));
        Assert.Empty(Assert.IsType<GivenUp>(Assert.Single(happened)).Moved);
        Assert.False(space.IsNeeded(First, Copy, Second));
        Assert.Equal(80, space.Balance.UsedBytes); // until they are gone
        Assert.Equal(
            new Balance(10, 0, 0, 0),
            After([.. history, given, new Freed(Photo, 0) { After = new(10, 80, 0, 1) }, .. happened], new Free(Copy)).Space.Balance);
    }

    [Fact]
    public void Within_one_file_an_upload_that_goes_leaves_its_bytes_and_their_charge_to_another()
    {
        QuotaEvent[] history =
        [
            Limited(100), new Charged(First, Photo, 80) { After = new(100, 80, 0, 1) },
            new Shared(Second, Photo, 80, First, Photo) { After = new(100, 80, 0, 1) },
        ];
        var (space, happened) = After(history, new GiveUp(Photo, First));
        Assert.Equal([new MovedCharge(First, Photo, Second, 80)], Assert.IsType<GivenUp>(Assert.Single(happened)).Moved);
        Assert.True(space.IsNeeded(First, Photo, First));
        Assert.Equal(new UploadFreed(First, Photo, 0) { After = new(100, 80, 0, 1) }, Decided([.. history, .. happened], new FreeUpload(First, Photo))[0]);
        Assert.False(After(history, new GiveUp(Photo, null)).Space.IsNeeded(First, Photo, First));
    }

    [Fact]
    public void Whoever_is_freed_without_having_given_up_leaves_what_others_have_to_them()
    {
        QuotaEvent[] history =
        [
            Limited(100), new Charged(First, Photo, 80) { After = new(100, 80, 0, 1) },
            new Shared(Second, Copy, 80, First, Photo) { After = new(100, 80, 0, 2) },
        ];
        var (space, happened) = After(history, new Free(Photo));
        Assert.Equal([typeof(GivenUp), typeof(Freed)], happened.Select(one => one.GetType()));
        Assert.Equal(new Balance(100, 80, 0, 1), space.Balance);
        Assert.True(space.IsNeeded(First, Copy, Second));
    }

    [Fact]
    public void However_they_come_and_go_what_is_used_is_what_is_needed_or_about_to_go()
    {
        var chance = new Random(20261127);
        var files = Enumerable.Range(1, 6).Select(n => new FileId(Guid.Parse($"00000000-0000-7000-8000-0000000001{n:d2}"))).ToArray();
        var history = new List<QuotaEvent> { Limited(1 << 20) };
        for (var turn = 0; turn < 3000; turn++)
        {
            var space = QuotaDecider.Decider.Fold(history);
            var file = files[chance.Next(files.Length)];
            var upload = new UploadId(new Guid(turn + 1, 0, 0, new byte[8]));
            var had = space.Files.SelectMany(one => one.Value.Keys.Select(source => new Holder(one.Key, source))).ToList();
            var some = had.Count == 0 ? null : had[chance.Next(had.Count)];
            QuotaCommand command = (chance.Next(7), some) switch
            {
                (0, _) or (_, null) => new Charge(upload, file, chance.Next(1, 50)),
                (1 or 2, _) => new Reuse(upload, file, space.Of(some.File, some.Upload)!.SizeBytes, some),
                (3, _) => new GiveUp(some.File, chance.Next(2) == 0 ? null : some.Upload),
                (4, _) => new FreeUpload(some.Upload, some.File),
                (5, _) => new Compress(space.Of(some.File, some.Upload)!.Stored, some.File, 9, 3),
                _ => new Free(some.File),
            };
            if (QuotaDecider.Decider.Decide(space, command, Noon) is Decision<QuotaEvent>.Accepted yes)
                history.AddRange(yes.Events);
            if (turn % 50 == 0)
                Assert.Null(Replayed([.. history]).Departure);

            space = QuotaDecider.Decider.Fold(history);
            var sources = space.Files.SelectMany(one => one.Value.Select(source => (Holder: new Holder(one.Key, source.Key), source.Value))).ToList();
            Assert.Equal(sources.Sum(one => one.Value.ChargedBytes), space.Balance.UsedBytes);
            Assert.Equal(
                (sources.Sum(one => one.Value.SizeBytes), sources.Where(one => one.Value.IsGivenUp).Sum(one => one.Value.SizeBytes)),
                (space.HeldBytes, space.GivenUpBytes));
            Assert.Subset(sources.Where(one => one.Value.IsCharged).Select(one => one.Value.Stored).ToHashSet(), space.Compressed.Keys.ToHashSet());
            foreach (var stored in sources.GroupBy(one => one.Value.Stored))
            {
                var needed = stored.Where(one => !one.Value.IsGivenUp).ToList();
                Assert.True(stored.Count(one => one.Value.IsCharged) <= 1);
                if (needed.Count > 0)
                    Assert.Single(needed, one => one.Value.IsCharged);
                Assert.All(stored, one => Assert.Equal(needed.Count > 0, space.IsNeeded(stored.Key, one.Holder.File, one.Holder.Upload)));
            }

            if (history.Count > 400)
                history = [Limited(1 << 20)];
        }
    }

    [Fact]
    public void What_is_compressed_counts_as_before_for_whoever_has_it_and_is_told_once()
    {
        QuotaEvent[] history =
        [
            Limited(100), new Charged(First, Photo, 80) { After = new(100, 80, 0, 1) },
            new Shared(Second, Copy, 80, First, Photo) { After = new(100, 80, 0, 2) },
        ];
        var (space, happened) = After(history, new Compress(First, Photo, 80, 30));
        Assert.Equal(new QuotaEvent.Compressed(First, Photo, 80, 30) { After = new(100, 80, 0, 2) }, Assert.Single(happened));
        history = [.. history, .. happened];
        Assert.Empty(Decided(history, new Compress(First, Photo, 80, 30)));

        // As long as somebody has the bytes.
        (space, happened) = After(history, new Free(Photo));
        Assert.Equal(new CompressedForm(80, 30), space.Compressed[First]);
        (space, _) = After([.. history, .. happened], new Free(Copy));
        Assert.Empty(space.Compressed);
        Assert.Equal(0, space.Balance.UsedBytes);
    }

    [Fact]
    public void What_nobody_needs_any_more_is_not_compressed()
    {
        var charged = new Charged(First, Photo, 80) { After = new(100, 80, 0, 1) };
        var compress = new Compress(First, Photo, 80, 30);
        quota.Given(Limited(100)).When(compress).ThenRejected(QuotaRejection.NotHeld);
        quota.Given(Limited(100), charged, new GivenUp(Photo, [First], []) { After = charged.After }).When(compress).ThenRejected(QuotaRejection.NotHeld);
        quota.Given(Limited(100), charged, new Freed(Photo, 80) { After = new(100, 0, 0, 0) }).When(compress).ThenRejected(QuotaRejection.NotHeld);
    }

    [Fact]
    public void A_dead_upload_gives_back_what_was_set_aside() => quota
        .Given(Limited(100), new Reserved(First, 60, Noon) { After = new(100, 0, 60, 0) })
        .When(new Release(First))
        .Then(new Released(First, 60) { After = new(100, 0, 0, 0) });

    [Fact]
    public void Releasing_what_was_never_set_aside_changes_nothing() => quota
        .Given(Limited(100))
        .When(new Release(First))
        .ThenNothing();

    [Fact]
    public void A_limit_below_what_is_held_only_stops_growth() => quota
        .Given(Limited(100), new Charged(First, Photo, 80) { After = new(100, 80, 0, 1) })
        .When(new SetLimit(50))
        .Then(new LimitSet(50) { After = new(50, 80, 0, 1) }, new LevelReached(95) { After = new(50, 80, 0, 1) });

    [Fact]
    public void A_limit_is_never_negative() => quota
        .Given()
        .When(new SetLimit(-1))
        .ThenRejected(QuotaRejection.NegativeLimit);

    private static RulesSet Ruled(long? soft = null, int? files = null, long? size = null) =>
        new(soft, files, size) { After = new(soft == 50 || files == 1 ? 1000 : 100, 0, 0, 0) };

    private static QuotaReplay Replayed(params QuotaEvent[] history)
    {
        var replay = new QuotaReplay();
        foreach (var (number, happened) in history.Index())
        {
            replay.Hear(new RecordedEvent(
                (number + 1) * 10, QuotaDecider.StreamOf(default), number + 1, Guid.Empty, happened.GetType().Name, Noon, happened));
        }

        return replay;
    }

    private static LimitSet Limited(long bytes) => new(bytes) { After = new(bytes, 0, 0, 0) };

    private static QuotaEvent[] Decided(QuotaEvent[] history, QuotaCommand command) =>
        [.. Assert.IsType<Decision<QuotaEvent>.Accepted>(QuotaDecider.Decider.Decide(QuotaDecider.Decider.Fold(history), command, Noon)).Events];

    private static (QuotaState Space, QuotaEvent[] Happened) After(QuotaEvent[] history, QuotaCommand command)
    {
        var happened = Decided(history, command);
        return (QuotaDecider.Decider.Fold([.. history, .. happened]), happened);
    }
}
