using EventFiles.Features.Files;
using EventFiles.Features.Upload;
using static EventFiles.Features.Files.VersionCommand;
using static EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Features.Tests.Files;

public sealed class VersionDeciderTests
{
    private static readonly FileId Photo = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly VersionsMade Three = VersionsMade.Decider.Fold([Completed(1), Completed(2), Reinstated(3, of: 1)]);

    private readonly Specification<VersionCommand, VersionState, VersionEvent> file =
        new(VersionDecider.Decider, DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_version_gets_a_label() => file
        .Given()
        .When(new Label(Photo, 1, "As signed", Three))
        .Then(new Labelled(Photo, 1, "As signed"));

    [Fact]
    public void Another_label_replaces_it() => file
        .Given(new Labelled(Photo, 1, "As signed"))
        .When(new Label(Photo, 1, "As sent", Three))
        .Then(new Labelled(Photo, 1, "As sent"));

    [Fact]
    public void An_empty_label_takes_it_away() => file
        .Given(new Labelled(Photo, 1, "As signed"))
        .When(new Label(Photo, 1, "", Three))
        .Then(new Unlabelled(Photo, 1));

    [Fact]
    public void What_bears_no_label_loses_none() => file
        .Given()
        .When(new Label(Photo, 1, "", Three))
        .ThenNothing();

    [Fact]
    public void A_former_version_is_deleted() => file
        .Given()
        .When(new Remove(Photo, 1, Olga, Three))
        .Then(new Deleted(Photo, 1, Olga));

    [Fact]
    public void The_current_version_is_never_deleted() => file
        .Given()
        .When(new Remove(Photo, 3, null, Three))
        .ThenRejected(VersionRejection.IsCurrent);

    [Fact]
    public void What_was_never_made_or_is_deleted_is_neither_labelled_nor_deleted()
    {
        file.Given().When(new Remove(Photo, 4, Olga, Three)).ThenRejected(VersionRejection.NoSuchVersion);
        file.Given().When(new Label(Photo, 4, "x", Three)).ThenRejected(VersionRejection.NoSuchVersion);
        file.Given(new Deleted(Photo, 1, Olga)).When(new Label(Photo, 1, "x", Three)).ThenRejected(VersionRejection.NoSuchVersion);
    }

    [Fact]
    public void What_is_left_of_a_deleted_version_is_removed_once() => file
        .Given(new Deleted(Photo, 1, Olga))
        .When(new Purge(Photo, 1, 2, 70))
        .Then(new Purged(Photo, 1, 2, 70));

    [Fact]
    public void Of_a_version_that_nobody_deleted_nothing_is_removed() => file
        .Given(new Deleted(Photo, 1, Olga))
        .When(new Purge(Photo, 2, 2, 70))
        .ThenRejected(VersionRejection.NotDeleted);

    [Fact]
    public void Bytes_are_shared_with_a_restored_version_until_one_of_the_two_is_deleted()
    {
        Assert.True(Three.SharesUpload(1, Given()));
        Assert.False(Three.SharesUpload(2, Given()));
        Assert.True(Three.SharesUpload(1, Given(new Deleted(Photo, 1, Olga))));
        Assert.False(Three.SharesUpload(3, Given(new Deleted(Photo, 1, Olga), new Deleted(Photo, 3, Olga))));
    }

    [Fact]
    public void It_is_over_when_nothing_is_left_of_what_was_deleted()
    {
        Assert.True(Given(new Labelled(Photo, 1, "x")).HasEnded);
        Assert.False(Given(new Deleted(Photo, 1, Olga)).HasEnded);
        Assert.True(Given(new Deleted(Photo, 1, Olga), new Purged(Photo, 1, 1, 1)).HasEnded);
    }

    private static VersionState Given(params VersionEvent[] history) => VersionDecider.Decider.Fold(history);

    private static UploadEvent.Completed Completed(int version) => new(
        UploadOf(version), Photo, version, default, "a", "image/jpeg", 1, "ab", ObjectKey.Raw(UploadOf(version)));

    private static UploadEvent.Reinstated Reinstated(int version, int of) => new(
        UploadOf(of), Photo, version, of, "image/jpeg", 1, "ab", ObjectKey.Raw(UploadOf(of)));

    private static UploadId UploadOf(int version) => new(new Guid(version, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 9));
}
