using MediatR;

namespace EventFiles.Features.Export;

/// <summary>Somebody wants all that is theirs. Who asks while one is made is told of that one.</summary>
public sealed record RequestExport(Caller By) : IRequest<Answer<ExportReply>>, IAsked;

/// <summary>How the last one stands that the caller asked for.</summary>
public sealed record ReadLastExport(Caller By) : IRequest<Answer<ExportReply>>, IAsked;

/// <summary>How one stands; for whose it is and nobody else.</summary>
public sealed record ReadExport(Caller By, ExportId Export) : IRequest<Answer<ExportReply>>, IAsked;

/// <summary>The archive; for whose it is and nobody else.</summary>
public sealed record OpenExport(Caller By, ExportId Export) : IRequest<Answer<OpenedExport>>, IAsked;

/// <summary>Ends one before its time, also while it is made.</summary>
public sealed record DeleteExport(Caller By, ExportId Export) : IRequest<Answer<Done>>, IAsked;

/// <summary>Looks up and writes down what is to be in an export.</summary>
public sealed record MakeExport(ExportId Export, AccountId Owner) : IWork;

/// <summary>Ends an export whose time is over.</summary>
public sealed record LapseExport(ExportId Export, AccountId Owner) : IWork;

/// <summary>Removes what was written for an export that is over.</summary>
public sealed record ClearExport(ExportId Export, AccountId Owner) : IWork;

/// <summary>How an export stands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">
/// making, ready (it can be downloaded), expired, deleted, replaced (another was asked for), outdated (something in it was
/// deleted for good since), failed, tooLarge (more than 100,000 files, folders and versions), or erased.
/// </param>
/// <param name="Percent">How far it is.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="ReadyAt">When it was ready; null when it has not been.</param>
/// <param name="ExpiresAt">Until then it can be downloaded; null when it cannot.</param>
/// <param name="SizeBytes">Of the archive, to the byte; null when it cannot be downloaded, as everything below.</param>
/// <param name="Files">How many files are in it, those in the trash included.</param>
/// <param name="Versions">How many former versions.</param>
/// <param name="Withheld">How many versions are named in it without their bytes, because the virus scanner closed them.</param>
/// <param name="Position">Its events are those up to here.</param>
/// <param name="ManifestSha256">SHA-256 of its manifest.json, which has the digests of all else.</param>
public sealed record ExportReply(
    ExportId Id, string Status, int Percent, DateTimeOffset RequestedAt, DateTimeOffset? ReadyAt, DateTimeOffset? ExpiresAt,
    [property: System.Text.Json.Serialization.JsonPropertyName("size")] long? SizeBytes, int? Files, int? Versions, int? Withheld,
    long? Position, string? ManifestSha256);

/// <summary>An archive on its way to whose it is: it is made while it is read.</summary>
/// <param name="Content">Seekable; the receiver disposes of it.</param>
/// <param name="ETag">Without quotes; the same for the same bytes.</param>
/// <param name="Name">What a browser saves it under.</param>
public sealed record OpenedExport(Stream Content, string ETag, string Name, DateTimeOffset ModifiedAt);
