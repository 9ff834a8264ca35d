using static EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Upload;

/// <summary>An upload in flight.</summary>
/// <param name="File">The file that its bytes are meant for.</param>
/// <param name="Until">Its deadline.</param>
public sealed record UploadView(UploadId Upload, FileId File, AccountId Owner, DateTimeOffset Until);

internal static class UploadProjection
{
    /// <summary>The uploads in flight, by deadline.</summary>
    public const string Due = "uploads-due";

    /// <summary>Those of one owner, by deadline.</summary>
    public static string Of(AccountId owner) => $"uploads-of:{owner}";

    /// <summary>By upload id, while it is in flight. Its URL's token is not found here but in the file's stream.</summary>
    public static Projection<UploadView> Define() => new Projection<UploadView>("uploads", version: 2)
        .On<Begun>(begun => Key(begun.Upload), (_, begun, happened) =>
            new UploadView(begun.Upload, begun.File, happened.Stream.Tenant, begun.Until))
        .On<PartBegun>(begun => Key(begun.Upload), (_, begun, happened) =>
            new UploadView(begun.Upload, begun.File, happened.Stream.Tenant, begun.Until))
        .On<Consumed>(consumed => Key(consumed.Upload), (_, _, _) => null)
        .On<Extended>(extended => Key(extended.Upload), (view, extended, _) => view is null ? null : view with { Until = extended.Until })
        .On<Completed>(completed => Key(completed.Upload), (_, _, _) => null)
        .On<Redirected>(redirected => Key(redirected.Upload), (_, _, _) => null)
        .On<Abandoned>(abandoned => Key(abandoned.Upload), (_, _, _) => null)
        .Indexed(view => [new IndexEntry(Due, IndexEntry.Time(view.Until)), new IndexEntry(Of(view.Owner), IndexEntry.Time(view.Until))]);

    private static string Key(UploadId upload) => upload.ToString();
}
