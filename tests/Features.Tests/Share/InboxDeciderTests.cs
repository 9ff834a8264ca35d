using EventFiles.Features.Share;
using static EventFiles.Features.Share.InboxCommand;
using static EventFiles.Features.Share.InboxEvent;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Share;

public sealed class InboxDeciderTests
{
    private static readonly LinkId Link = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly FolderId Papers = new(Guid.Parse("00000000-0000-7000-8000-0000000000d1"));

    private readonly Specification<InboxCommand, InboxState, InboxEvent> inbox = new(InboxDecider.Decider, Noon);

    [Fact]
    public void A_link_into_a_folder_can_be_made() => inbox
        .Given()
        .When(new Open(Papers, Link, "digest", "Your papers", HasPassword: true, Noon.AddDays(1), 3, 1000))
        .Then(new Opened(Papers, Link, "digest", "Your papers", HasPassword: true, Noon.AddDays(1), 3, 1000));

    [Fact]
    public void One_that_would_end_at_once_is_refused() => inbox
        .Given()
        .When(new Open(Papers, Link, "digest", "Your papers", HasPassword: false, Noon, null, null))
        .ThenRejected(ShareRejection.AlreadyExpired);

    [Fact]
    public void Without_limits_it_takes_one_file_after_the_other() => inbox
        .Given(Made(), Brought(Photo, 1), Brought(Photo, 2))
        .When(new Receive(Letter, Noon))
        .ThenEachTime(Brought(Letter, 3));

    [Fact]
    public void The_last_file_is_taken() => inbox
        .Given(Made(maxUploads: 2), Brought(Photo, 1))
        .When(new Receive(Letter, Noon))
        .ThenEachTime(Brought(Letter, 2));

    [Fact]
    public void Not_one_file_too_many() => inbox
        .Given(Made(maxUploads: 2), Brought(Photo, 1), Brought(Letter, 2))
        .When(new Receive(Letter, Noon))
        .ThenRejected(LinkRejection.Ended);

    [Fact]
    public void However_often_it_is_tried_it_takes_exactly_its_number_of_files()
    {
        var state = InboxDecider.Decider.Fold([Made(maxUploads: 3)]);
        var taken = 0;
        for (var tries = 0; tries < 64; tries++)
        {
            if (InboxDecider.Decider.Decide(state, new Receive(Photo, Noon), Noon) is not Decision<InboxEvent>.Accepted(var happened))
                continue;
            taken += happened.Length;
            state = happened.Aggregate(state, InboxDecider.Decider.Evolve);
        }

        Assert.Equal(3, taken);
    }

    [Fact]
    public void What_was_begun_in_its_time_may_end_after_it() => inbox
        .Given(Made(until: Noon))
        .When(new Receive(Photo, Noon.AddTicks(-1)))
        .ThenEachTime(Brought(Photo, 1));

    [Fact]
    public void After_its_time_nothing_is_taken() => inbox
        .Given(Made(until: Noon))
        .When(new Receive(Photo, Noon))
        .ThenRejected(LinkRejection.Ended);

    [Fact]
    public void It_can_be_taken_back() => inbox
        .Given(Made())
        .When(new Close())
        .Then(new Closed(Papers, Link));

    [Fact]
    public void Taking_back_what_was_never_made_changes_nothing() => inbox
        .Given()
        .When(new Close())
        .ThenNothing();

    [Fact]
    public void One_that_was_taken_back_never_was_whenever_somebody_was_let_in() => inbox
        .Given(Made(), new Closed(Papers, Link))
        .When(new Receive(Photo, Noon.AddDays(-1)))
        .ThenRejected(LinkRejection.NoSuchLink);

    [Fact]
    public void What_was_never_made_takes_nothing() => inbox
        .Given()
        .When(new Receive(Photo, Noon))
        .ThenRejected(LinkRejection.NoSuchLink);

    private static Opened Made(DateTimeOffset? until = null, int? maxUploads = null) =>
        new(Papers, Link, "digest", "Your papers", HasPassword: false, until, maxUploads, null);

    private static Received Brought(FileId file, int uploads) => new(Papers, Link, file, uploads);
}
