using System.Collections.Immutable;

namespace EventFiles.Features.Upload;

public abstract record UploadCommand
{
    private UploadCommand() { }

    public sealed record Begin(
        UploadId Upload, FileId File, FolderId Folder, string Name, string ContentType, long? SizeBytes,
        string TokenDigest, NameConflict OnConflict, DateTimeOffset Until) : UploadCommand;

    /// <summary>Its bytes become a version of this file, or nothing.</summary>
    /// <param name="IfVersion">Only if that is the current version at the end; null for whatever it is.</param>
    public sealed record Aim(UploadId Upload, FileId File, int? IfVersion) : UploadCommand;

    /// <summary>Make a former version's bytes the next version.</summary>
    public sealed record Reinstate(FormerContent Former) : UploadCommand;

    /// <summary>Begin an upload that is meant for no file by itself.</summary>
    public sealed record BeginPart(
        UploadId Upload, FileId File, long? SizeBytes, string TokenDigest, DateTimeOffset Until) : UploadCommand;

    public sealed record Assemble(UploadId Upload, ImmutableArray<UploadId> Parts) : UploadCommand;

    public sealed record Consume(UploadId Upload, UploadId Into, FileId IntoFile) : UploadCommand;

    public sealed record Extend(UploadId Upload, DateTimeOffset Until) : UploadCommand;

    public sealed record AnnounceLength(UploadId Upload, long SizeBytes) : UploadCommand;

    public sealed record AnnounceDigest(UploadId Upload, string Sha256) : UploadCommand;

    /// <summary>The bytes come in parts of that size.</summary>
    public sealed record PlanParts(UploadId Upload, long PartBytes) : UploadCommand;

    /// <summary>All parts are there.</summary>
    public sealed record Deliver(UploadId Upload, AccountId By) : UploadCommand;

    public sealed record Complete(
        UploadId Upload, FileId File, FolderId Folder, string Name, string ContentType, long SizeBytes, string Sha256,
        ObjectKey StoredAs) : UploadCommand
    {
        /// <summary>Only if that is the current version; null for whatever it is.</summary>
        public int? IfVersion { get; init; }

        /// <summary>What the bytes are a copy of; null when they came from outside.</summary>
        public CopySource? Source { get; init; }
    }

    public sealed record Redirect(UploadId Upload, FileId Into, int Version) : UploadCommand;

    /// <summary>Note in the upload's own stream that its bytes belong to a file that is there.</summary>
    public sealed record Assign(UploadId Upload, FileId File) : UploadCommand;

    /// <summary>End an upload of which nothing is known but its bytes.</summary>
    public sealed record Disown(UploadId Upload, FileId File) : UploadCommand;

    /// <summary>Make the file another account's, with their own bytes for each version.</summary>
    public sealed record HandOver(FileId File, AccountId From, AccountId To, ImmutableArray<HandedContent> Contents) : UploadCommand;

    public sealed record Abandon(UploadId Upload, FileId File, string Reason) : UploadCommand;
}

/// <summary>One version of a file that was copied.</summary>
public sealed record CopySource(FileId File, int Version);
