using EventFiles.Features.Upload;
using static EventFiles.Features.Upload.UploadCommand;
using static EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Tests.Upload;

public sealed class UploadDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly UploadId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly UploadId Second = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly FileId Photo = UploadDecider.NewFileOf(First);
    private static readonly FileId Other = new(Guid.Parse("00000000-0000-7000-8000-00000000000f"));
    private static readonly FolderId Root = new(Guid.Parse("00000000-0000-7000-8000-0000000000aa"));

    private readonly Specification<UploadCommand, UploadState, UploadEvent> upload = new(UploadDecider.Decider, Noon);

    [Fact]
    public void Bytes_may_come_once_their_upload_has_begun() => upload
        .Given()
        .When(new Begin(First, Photo, Root, "a.jpg", "image/jpeg", 100, "digest", NameConflict.Rename, Noon))
        .Then(HasBegun(First));

    [Fact]
    public void A_small_file_needs_no_beginning() => upload
        .Given()
        .When(Whole(First))
        .Then(IsWhole(First, 1));

    [Fact]
    public void A_copy_says_whose_bytes_it_has() => upload
        .Given()
        .When(Whole(First) with { Source = new CopySource(Other, 3) })
        .Then(new Copied(First, Photo, Other, 3), IsWhole(First, 1));

    [Fact]
    public void The_bytes_of_a_begun_upload_become_a_file() => upload
        .Given(HasBegun(First))
        .When(Whole(First))
        .Then(IsWhole(First, 1));

    [Fact]
    public void Every_further_upload_into_a_file_is_its_next_version() => upload
        .Given(IsWhole(First, 1), HasBegun(Second))
        .When(Whole(Second))
        .Then(IsWhole(Second, 2));

    [Fact]
    public void What_ended_without_a_file_never_becomes_one() => upload
        .Given(HasBegun(First), new Abandoned(First, Photo, "expired"))
        .When(Whole(First))
        .ThenRejected(UploadRejection.Ended);

    [Fact]
    public void What_became_a_file_cannot_be_abandoned() => upload
        .Given(HasBegun(First), IsWhole(First, 1))
        .When(new Abandon(First, Photo, "expired"))
        .ThenRejected(UploadRejection.AlreadyComplete);

    [Fact]
    public void An_upload_may_end_without_a_file() => upload
        .Given(HasBegun(First))
        .When(new Abandon(First, Photo, "cancelled"))
        .Then(new Abandoned(First, Photo, "cancelled"));

    [Fact]
    public void An_upload_whose_beginning_may_have_been_lost_is_ended_all_the_same() => upload
        .Given()
        .When(new Abandon(First, Photo, "refused"))
        .Then(new Abandoned(First, Photo, "refused"));

    [Fact]
    public void A_sign_of_life_moves_the_deadline() => upload
        .Given(HasBegun(First))
        .When(new Extend(First, Noon.AddMinutes(1)))
        .Then(new Extended(First, Photo, Noon.AddMinutes(1)));

    [Fact]
    public void A_deadline_never_moves_back() => upload
        .Given(HasBegun(First))
        .When(new Extend(First, Noon.AddMinutes(-1)))
        .ThenNothing();

    [Fact]
    public void What_has_ended_shows_no_life() => upload
        .Given(HasBegun(First), new Abandoned(First, Photo, "expired"))
        .When(new Extend(First, Noon.AddMinutes(1)))
        .ThenRejected(UploadRejection.Ended);

    [Fact]
    public void Bytes_may_become_a_version_of_another_file_than_they_were_meant_for() => upload
        .Given(HasBegun(First))
        .When(new Redirect(First, Other, 4))
        .Then(new Redirected(First, Photo, Other, 4));

    [Fact]
    public void What_has_ended_is_not_redirected() => upload
        .Given(HasBegun(First), new Abandoned(First, Photo, "cancelled"))
        .When(new Redirect(First, Other, 4))
        .ThenRejected(UploadRejection.Ended);

    [Fact]
    public void A_redirected_upload_cannot_be_abandoned() => upload
        .Given(HasBegun(First), new Redirected(First, Photo, Other, 4))
        .When(new Abandon(First, Photo, "expired"))
        .ThenRejected(UploadRejection.AlreadyComplete);

    [Fact]
    public void A_redirected_upload_names_the_file_that_has_its_bytes()
    {
        var state = UploadDecider.Decider.Fold([HasBegun(First), new Redirected(First, Photo, Other, 4)]);
        Assert.Equal((Other, 4, 0), (state.Of(First)!.File, state.Of(First)!.Version, state.LastVersion));
    }

    [Fact]
    public void An_upload_is_found_by_its_token_and_one_without_a_token_never()
    {
        var state = UploadDecider.Decider.Fold([HasBegun(First), HasBegun(Second) with { TokenDigest = "" }]);
        Assert.Equal(First, state.WithToken("digest")?.Upload);
        Assert.Null(state.WithToken(""));
    }

    [Fact]
    public void An_upload_of_which_nothing_is_known_may_be_given_up_for_lost() => upload
        .Given()
        .When(new Disown(First, Photo))
        .Then(new Abandoned(First, Photo, "lost"));

    [Fact]
    public void What_the_log_tells_of_is_not_lost()
    {
        foreach (var told in new UploadEvent[] { HasBegun(First), IsWhole(First, 1), new Assigned(First, Other), new Redirected(First, Photo, Other, 4) })
            upload.Given(told).When(new Disown(First, Photo)).ThenRejected(UploadRejection.NotLost);
    }

    [Fact]
    public void What_was_given_up_for_lost_never_becomes_a_file()
    {
        upload.Given(new Abandoned(First, Photo, "lost")).When(Whole(First)).ThenRejected(UploadRejection.Ended);
        upload.Given(new Abandoned(First, Photo, "lost")).When(new Assign(First, Other)).ThenRejected(UploadRejection.Ended);
    }

    [Fact]
    public void Bytes_for_a_file_that_is_there_leave_a_note_under_their_own_name() => upload
        .Given()
        .When(new Assign(First, Other))
        .Then(new Assigned(First, Other));

    private static Begun HasBegun(UploadId of) =>
        new(of, Photo, Root, "a.jpg", "image/jpeg", 100, "digest", NameConflict.Rename, Noon);

    private static Complete Whole(UploadId of) =>
        new(of, Photo, Root, "a.jpg", "image/jpeg", 100, "e3b0", ObjectKey.Raw(of));

    private static Completed IsWhole(UploadId of, int version) =>
        new(of, Photo, version, Root, "a.jpg", "image/jpeg", 100, "e3b0", ObjectKey.Raw(of));
}
