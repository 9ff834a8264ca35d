using System.Collections.Immutable;
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
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly FolderId Root = new(Guid.Parse("00000000-0000-7000-8000-0000000000aa"));
    private static readonly FormerContent Former = new(Photo, 1, First, "image/jpeg", 100, "ab", ObjectKey.Raw(First));

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
    public void An_upload_may_be_aimed_at_a_file_once() => upload
        .Given(HasBegun(First))
        .When(new Aim(First, Photo, 3))
        .Then(new Aimed(First, Photo, 3));

    [Fact]
    public void An_upload_may_come_in_parts_of_one_size() => upload
        .Given(HasBegun(First))
        .When(new PlanParts(First, 8))
        .Then(new PartsPlanned(First, Photo, 8));

    [Fact]
    public void The_size_of_parts_is_said_once() => upload
        .Given(HasBegun(First), new PartsPlanned(First, Photo, 8))
        .When(new PlanParts(First, 9))
        .ThenNothing();

    [Fact]
    public void What_has_ended_comes_in_no_parts() => upload
        .Given(HasBegun(First), new Abandoned(First, Photo, "expired"))
        .When(new PlanParts(First, 8))
        .ThenRejected(UploadRejection.Ended);

    [Fact]
    public void Parts_are_delivered_once_by_whoever_says_so_first() => upload
        .Given(HasBegun(First), new PartsPlanned(First, Photo, 8))
        .When(new Deliver(First, Olga))
        .Then(new Delivered(First, Photo, Olga));

    [Fact]
    public void Parts_that_are_delivered_need_not_be_again() => upload
        .Given(HasBegun(First), new PartsPlanned(First, Photo, 8), new Delivered(First, Photo, Olga))
        .When(new Deliver(First, default))
        .ThenNothing();

    [Fact]
    public void What_is_a_file_by_now_was_delivered() => upload
        .Given(HasBegun(First), new PartsPlanned(First, Photo, 8), new Delivered(First, Photo, Olga), IsWhole(First, 1))
        .When(new Deliver(First, Olga))
        .ThenNothing();

    [Fact]
    public void What_has_ended_is_not_delivered_any_more() => upload
        .Given(HasBegun(First), new PartsPlanned(First, Photo, 8), new Abandoned(First, Photo, "cancelled"))
        .When(new Deliver(First, Olga))
        .ThenRejected(UploadRejection.Ended);

    [Fact]
    public void What_comes_in_order_has_no_parts_to_deliver() => upload
        .Given(HasBegun(First))
        .When(new Deliver(First, Olga))
        .ThenRejected(UploadRejection.Missing);

    [Fact]
    public void What_is_delivered_may_still_be_given_up() => upload
        .Given(HasBegun(First), new PartsPlanned(First, Photo, 8), new Delivered(First, Photo, Olga))
        .When(new Abandon(First, Photo, "cancelled"))
        .Then(new Abandoned(First, Photo, "cancelled"));

    [Fact]
    public void A_version_that_its_uploader_has_seen_is_replaced() => upload
        .Given(IsWhole(First, 1))
        .When(Whole(Second) with { IfVersion = 1 })
        .Then(IsWhole(Second, 2));

    [Fact]
    public void A_version_that_its_uploader_has_not_seen_stays() => upload
        .Given(IsWhole(First, 1))
        .When(Whole(Second) with { IfVersion = 0 })
        .ThenRejected(UploadRejection.ChangedMeanwhile);

    [Fact]
    public void A_former_version_becomes_the_next_one_by_its_old_bytes() => upload
        .Given(IsWhole(First, 1), IsWhole(Second, 2))
        .When(new Reinstate(Former))
        .Then(new Reinstated(First, Photo, 3, 1, "image/jpeg", 100, "ab", ObjectKey.Raw(First)));

    [Fact]
    public void What_the_current_version_has_already_is_not_restored_again() => upload
        .Given(IsWhole(First, 1), IsWhole(Second, 2), new Reinstated(First, Photo, 3, 1, "image/jpeg", 100, "ab", ObjectKey.Raw(First)))
        .When(new Reinstate(Former))
        .ThenNothing();

    [Fact]
    public void A_version_after_a_restored_one_has_the_next_number() => upload
        .Given(IsWhole(First, 1), new Reinstated(First, Photo, 2, 1, "image/jpeg", 100, "ab", ObjectKey.Raw(First)))
        .When(Whole(Second))
        .Then(IsWhole(Second, 3));

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

    [Fact]
    public void A_length_that_was_left_open_is_told_once()
    {
        var open = HasBegun(First) with { SizeBytes = null };
        upload.Given(open).When(new AnnounceLength(First, 100)).Then(new LengthAnnounced(First, Photo, 100));
        upload.Given(open, new LengthAnnounced(First, Photo, 100)).When(new AnnounceLength(First, 101)).ThenRejected(UploadRejection.OtherLength);
        upload.Given(HasBegun(First)).When(new AnnounceLength(First, 100)).ThenNothing();
        upload.Given(open, new Abandoned(First, Photo, "expired")).When(new AnnounceLength(First, 100)).ThenRejected(UploadRejection.Ended);
    }

    [Fact]
    public void A_digest_that_was_told_is_not_told_otherwise()
    {
        upload.Given(HasBegun(First)).When(new AnnounceDigest(First, "e3b0")).Then(new DigestAnnounced(First, Photo, "e3b0"));
        upload.Given(HasBegun(First), new DigestAnnounced(First, Photo, "e3b0")).When(new AnnounceDigest(First, "ffff"))
            .ThenRejected(UploadRejection.DigestMismatch);
        upload.Given(HasBegun(First), IsWhole(First, 1)).When(new AnnounceDigest(First, "e3b0")).ThenRejected(UploadRejection.Ended);
    }

    [Fact]
    public void A_part_is_consumed_once_and_never_a_file_by_itself()
    {
        var begun = new PartBegun(First, Photo, 100, "digest", Noon);
        var used = new Consumed(First, Photo, Second, Other);
        upload.Given().When(new BeginPart(First, Photo, 100, "digest", Noon)).Then(begun);
        upload.Given(begun).When(new Consume(First, Second, Other)).Then(used);
        upload.Given(begun, used).When(new Consume(First, Second, Other)).ThenNothing();
        upload.Given(begun, used).When(new Consume(First, First, Other)).ThenRejected(UploadRejection.Ended);
        upload.Given(begun, used).When(new Abandon(First, Photo, "expired")).ThenRejected(UploadRejection.Ended);
        upload.Given(begun, new Abandoned(First, Photo, "expired")).When(new Consume(First, Second, Other)).ThenRejected(UploadRejection.Ended);
        upload.Given(begun).When(Whole(First)).ThenRejected(UploadRejection.Ended);
        upload.Given(HasBegun(First)).When(new Consume(First, Second, Other)).ThenRejected(UploadRejection.NotAPart);
    }

    [Fact]
    public void The_log_tells_once_of_what_an_upload_was_made()
    {
        ImmutableArray<UploadId> parts = [Second, new(Guid.NewGuid())];
        upload.Given(HasBegun(First)).When(new Assemble(First, parts)).Then(new Assembled(First, Photo, parts));
        upload.Given(HasBegun(First), new Assembled(First, Photo, parts)).When(new Assemble(First, parts)).ThenNothing();
        upload.Given().When(new Assemble(First, parts)).ThenRejected(UploadRejection.Ended);
    }

    private static Begun HasBegun(UploadId of) =>
        new(of, Photo, Root, "a.jpg", "image/jpeg", 100, "digest", NameConflict.Rename, Noon);

    private static Complete Whole(UploadId of) =>
        new(of, Photo, Root, "a.jpg", "image/jpeg", 100, "e3b0", ObjectKey.Raw(of));

    private static Completed IsWhole(UploadId of, int version) =>
        new(of, Photo, version, Root, "a.jpg", "image/jpeg", 100, "e3b0", ObjectKey.Raw(of));
}
