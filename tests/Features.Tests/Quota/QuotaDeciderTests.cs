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
        .Then(new Charged(First, Photo, 100) { After = new(100, 100, 0, 1) });

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
        .Then(new LimitSet(50) { After = new(50, 80, 0, 1) });

    [Fact]
    public void A_limit_is_never_negative() => quota
        .Given()
        .When(new SetLimit(-1))
        .ThenRejected(QuotaRejection.NegativeLimit);

    private static LimitSet Limited(long bytes) => new(bytes) { After = new(bytes, 0, 0, 0) };
}
