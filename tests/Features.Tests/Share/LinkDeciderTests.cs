using EventFiles.Features.Share;
using static EventFiles.Features.Share.LinkCommand;
using static EventFiles.Features.Share.LinkEvent;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Share;

public sealed class LinkDeciderTests
{
    private static readonly LinkId Link = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));

    private readonly Specification<LinkCommand, LinkState, LinkEvent> link = new(LinkDecider.Decider, Noon);

    [Fact]
    public void A_link_can_be_made() => link
        .Given()
        .When(new Create(Photo, Link, "digest", HasPassword: true, LinkRole.Viewer, Noon.AddDays(1), 3))
        .Then(new Created(Photo, Link, "digest", HasPassword: true, LinkRole.Viewer, Noon.AddDays(1), 3));

    [Fact]
    public void A_link_that_would_end_at_once_is_refused() => link
        .Given()
        .When(new Create(Photo, Link, "digest", HasPassword: false, LinkRole.Viewer, Noon, null))
        .ThenRejected(ShareRejection.AlreadyExpired);

    [Fact]
    public void A_link_without_limits_can_be_used_again_and_again() => link
        .Given(Made(), Downloaded(1), Downloaded(2))
        .When(new Use())
        .ThenEachTime(Downloaded(3));

    [Fact]
    public void The_last_download_is_to_be_had() => link
        .Given(Made(maxDownloads: 3), Downloaded(1), Downloaded(2))
        .When(new Use())
        .ThenEachTime(Downloaded(3));

    [Fact]
    public void Not_one_download_too_many() => link
        .Given(Made(maxDownloads: 3), Downloaded(1), Downloaded(2), Downloaded(3))
        .When(new Use())
        .ThenRejected(LinkRejection.Ended);

    [Fact]
    public void However_often_it_is_tried_a_link_gives_exactly_its_number_of_downloads()
    {
        var state = LinkDecider.Decider.Fold([Made(maxDownloads: 3)]);
        var downloads = 0;
        for (var tries = 0; tries < 64; tries++)
        {
            if (LinkDecider.Decider.Decide(state, new Use(), Noon) is not Decision<LinkEvent>.Accepted(var happened))
                continue;
            downloads += Assert.Single(happened) is Used ? 1 : 0;
            state = happened.Aggregate(state, LinkDecider.Decider.Evolve);
        }

        Assert.Equal(3, downloads);
    }

    [Fact]
    public void Continuing_a_download_is_no_second_one() => link
        .Given(Made(), Downloaded(1))
        .When(new Continue())
        .ThenNothing();

    [Fact]
    public void Under_a_limit_every_part_counts() => link
        .Given(Made(maxDownloads: 3), Downloaded(1))
        .When(new Continue())
        .ThenEachTime(Downloaded(2));

    [Fact]
    public void Continuing_what_never_began_is_a_download() => link
        .Given(Made())
        .When(new Continue())
        .Then(Downloaded(1));

    [Fact]
    public void A_used_up_link_continues_nothing() => link
        .Given(Made(maxDownloads: 1), Downloaded(1))
        .When(new Continue())
        .ThenRejected(LinkRejection.Ended);

    [Fact]
    public void A_link_works_until_its_end() => link
        .Given(Made(until: Noon.AddTicks(1)))
        .When(new Use())
        .ThenEachTime(Downloaded(1));

    [Fact]
    public void At_its_end_a_link_opens_nothing() => link
        .Given(Made(until: Noon))
        .When(new Use())
        .ThenRejected(LinkRejection.Ended);

    [Fact]
    public void A_link_can_be_taken_back() => link
        .Given(Made())
        .When(new Revoke())
        .Then(new Revoked(Photo, Link));

    [Fact]
    public void A_link_that_has_ended_can_still_be_taken_back() => link
        .Given(Made(until: Noon))
        .When(new Revoke())
        .Then(new Revoked(Photo, Link));

    [Fact]
    public void Taking_back_what_was_never_made_changes_nothing() => link
        .Given()
        .When(new Revoke())
        .ThenNothing();

    [Fact]
    public void A_link_that_was_taken_back_never_was() => link
        .Given(Made(), new Revoked(Photo, Link))
        .When(new Use())
        .ThenRejected(LinkRejection.NoSuchLink);

    [Fact]
    public void A_link_that_was_taken_back_continues_nothing() => link
        .Given(Made(), Downloaded(1), new Revoked(Photo, Link))
        .When(new Continue())
        .ThenRejected(LinkRejection.NoSuchLink);

    [Fact]
    public void What_was_never_made_cannot_be_used() => link
        .Given()
        .When(new Use())
        .ThenRejected(LinkRejection.NoSuchLink);

    private static Created Made(DateTimeOffset? until = null, int? maxDownloads = null) =>
        new(Photo, Link, "digest", HasPassword: false, LinkRole.Viewer, until, maxDownloads);

    private static Used Downloaded(int downloads) => new(Photo, Link, downloads);
}
