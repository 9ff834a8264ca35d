using System.Collections.Immutable;
using FilesEvent = EventFiles.Features.Files.FilesEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;

namespace EventFiles.Features.Delete;

/// <summary>
/// Where a file was put and which objects it has, from the log itself: a view may lag, and a forgotten object would never
/// be found again.
/// </summary>
public sealed record FileTrail(FolderId Folder, string Name, ImmutableArray<TrailedContent> Originals)
{
    public static readonly FileTrail Untrodden = new(default, "", []);

    /// <summary>The streams that tell of it.</summary>
    public static IReadOnlyList<string> StreamsOf(FileId file) => [$"upload-{file}", $"file-{file}", $"delete-{file}"];

    public FileTrail After(object fact) => fact switch
    {
        UploadEvent.Completed { Version: 1 } first => new FileTrail(first.Folder, first.Name, Originals.Add(new(first.Upload, first.StoredAs))),
        UploadEvent.Completed later => this with { Originals = Originals.Add(new(later.Upload, later.StoredAs)) },
        FilesEvent.Renamed renamed => this with { Folder = renamed.Folder, Name = renamed.Name },
        FilesEvent.Moved moved => this with { Folder = moved.Folder, Name = moved.Name },
        FilesEvent.HandedOver handed => this with { Folder = handed.Folder, Name = handed.Name },
        // The former owner's bytes are no longer the file's.
        UploadEvent.HandedOver handed => this with { Originals = [.. handed.Versions.Select(one => new TrailedContent(one.Upload, one.StoredAs))] },
        DeleteEvent.Restored restored => this with { Folder = restored.Folder, Name = restored.Name },
        _ => this,
    };

    public static async Task<FileTrail> Of(FileId file, IStreams streams, CancellationToken cancel)
    {
        var trail = Untrodden;
        await foreach (var happened in streams.ReadMerged(StreamsOf(file), cancel))
            trail = trail.After(happened.Fact);
        return trail;
    }
}

/// <summary>Bytes that a file had by an upload.</summary>
public sealed record TrailedContent(UploadId Upload, ObjectKey StoredAs);
