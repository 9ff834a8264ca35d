using System.Collections.Immutable;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Zip;

/// <summary>A folder with everything in it, as one archive.</summary>
public sealed record OpenFolderArchive(Caller By, FolderId Folder) : IRequest<Answer<OpenedArchive>>, IAsked;

/// <summary>Names what is to be in one archive.</summary>
/// <param name="Items">1 to 1000.</param>
public sealed record SelectArchive(Caller By, ImmutableArray<ZipItem> Items) : IRequest<Answer<ArchiveReply>>, IAsked;

/// <summary>What was selected, as one archive.</summary>
public sealed record OpenArchive(Caller By, ArchiveId Archive) : IRequest<Answer<OpenedArchive>>, IAsked;

/// <summary>An archive that can be read.</summary>
/// <param name="Entries">How many files and folders are in it.</param>
/// <param name="SizeBytes">Of the archive, to the byte.</param>
/// <param name="Until">Until when it can be read.</param>
public sealed record ArchiveReply(
    ArchiveId Id, int Entries, [property: System.Text.Json.Serialization.JsonPropertyName("size")] long SizeBytes,
    DateTimeOffset Until);

/// <summary>An archive on its way to a reader: it is made while it is read.</summary>
/// <param name="Content">Seekable; the receiver disposes of it.</param>
/// <param name="ETag">Without quotes; the same for the same bytes.</param>
/// <param name="Name">What a browser saves it under.</param>
public sealed record OpenedArchive(Stream Content, string ETag, string Name, DateTimeOffset ModifiedAt);

internal sealed class SelectArchiveShape : AbstractValidator<SelectArchive>
{
    public SelectArchiveShape() => RuleFor(ask => ask.Items)
        .Must(items => items is { IsDefault: false, Length: > 0 and <= 1000 } && items.All(item => item is not null))
        .WithMessage("1 to 1000 items.");
}
