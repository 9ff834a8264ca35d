using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Folders;

public sealed class EntryClaimsTests
{
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly FolderId Root = FolderId.RootOf(Olga);
    private static readonly FolderId Letters = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly FileId Photo = new(Guid.Parse("00000000-0000-7000-8000-000000000003"));

    private readonly Slice slice = FoldersSlice.Define();

    [Fact]
    public void Files_and_folders_claim_their_names_in_the_same_space() => Assert.Equal(
        (Of(new FoldersEvent.Created(Letters, Root, "Photo.jpg"))! with { Holder = "" }),
        (Of(Completed(1, "pHOTO.jpg"))! with { Holder = "" }));

    [Fact]
    public void A_name_may_stand_once_in_every_folder() => Assert.NotEqual(
        Of(new FilesEvent.Moved(Photo, Root, "a"))!.Scope, Of(new FilesEvent.Moved(Photo, Letters, "a"))!.Scope);

    [Fact]
    public void A_folder_claims_where_it_is_and_not_in_itself() => Assert.Equal(
        $"folder-{Root}", Of(new FoldersEvent.Moved(Letters, Root, "Letters"))!.Scope);

    [Fact]
    public void Whoever_comes_second_hears_that_the_name_is_taken() =>
        Assert.Equal(EntryName.Taken, Of(Completed(1, "a"))!.WhenTaken);

    [Fact]
    public void A_further_version_claims_nothing() => Assert.Null(Of(Completed(2, "another name")));

    [Fact]
    public void A_renamed_file_gives_up_its_old_name_by_holding_the_new_one() => Assert.Equal(
        Of(Completed(1, "a"))!.Holder, Of(new FilesEvent.Renamed(Photo, Root, "b"))!.Holder);

    [Fact]
    public void What_is_trashed_deleted_or_gone_frees_its_name()
    {
        Assert.Equal(Claim.None($"file-{Photo}"), Of(new DeleteEvent.Trashed(Photo, Olga)));
        Assert.Equal(Claim.None($"file-{Photo}"), Of(new DeleteEvent.Requested(Photo, Olga)));
        Assert.Equal($"folder-{Letters}", Of(new FoldersEvent.Deleted(Letters))!.Holder);
        Assert.Null(Of(new FoldersEvent.Deleted(Letters))!.Key);
    }

    [Fact]
    public void A_folder_goes_only_when_nobody_has_a_name_in_it() => Assert.Equal(
        Claim.Close($"folder-{Letters}", $"folder-{Letters}", FoldersRejection.NotEmpty),
        Of(new FoldersEvent.Deleted(Letters)));

    [Fact]
    public void What_is_restored_takes_a_name_again() => Assert.Equal(
        Claim.Of($"file-{Photo}", $"folder-{Letters}", "B", EntryName.Taken),
        Of(new DeleteEvent.Restored(Photo, Olga, Letters, "b")));

    private Claim? Of(object fact) => slice.Claims[fact.GetType()](fact);

    private static UploadEvent.Completed Completed(int version, string name) => new(
        new UploadId(Photo.Value), Photo, version, Root, name, "image/jpeg", 1, "ab", new ObjectKey("raw/x"));
}
