using FluentValidation;
using MediatR;

namespace EventFiles.Features.Upload;

/// <summary>Makes a file of the caller's own of the current version of one that they may read.</summary>
/// <param name="Folder">Null for the folder of a file of their own, and for their root when it is another's.</param>
/// <param name="Name">Null for the name that it has.</param>
/// <param name="OnConflict">What to do when the folder has an entry of that name.</param>
public sealed record CopyFile(Caller By, FileId File, FolderId? Folder, string? Name, NameConflict OnConflict) :
    IRequest<Answer<UploadedFile>>, IAsked;

internal sealed class CopyFileShape : AbstractValidator<CopyFile>
{
    public CopyFileShape()
    {
        RuleFor(ask => ask.Name!).IsEntryName().When(ask => ask.Name is not null);
        RuleFor(ask => ask.OnConflict).IsInEnum();
    }
}
