using FluentValidation;
using MediatR;

namespace EventFiles.Features.Copy;

/// <summary>Copies a folder with everything in it.</summary>
/// <param name="Parent">Where the copy goes; null for the folder that the folder itself is in.</param>
/// <param name="Name">Null for the name that it has.</param>
/// <param name="OnConflict">What to do when the parent has an entry of that name.</param>
public sealed record CopyFolder(Caller By, FolderId Folder, FolderId? Parent, string? Name, CopyConflict OnConflict) :
    IRequest<Answer<CopyReply>>, IAsked;

/// <summary>How a copy stands.</summary>
public sealed record ReadCopy(Caller By, CopyId Copy) : IRequest<Answer<CopyReply>>, IAsked;

/// <summary>Ends a copy; what has been copied stays.</summary>
public sealed record CancelCopy(Caller By, CopyId Copy) : IRequest<Answer<Done>>, IAsked;

/// <summary>Copies the next page of what is due.</summary>
public sealed record ContinueCopy(CopyId Copy, AccountId Owner) : IWork;

/// <summary>Gives a copy up of which nothing more was heard.</summary>
public sealed record GiveCopyUp(CopyId Copy, AccountId Owner) : IWork;

/// <summary>What to do when the folder has an entry of that name.</summary>
public enum CopyConflict
{
    /// <summary>Keep both: the copy gets a number.</summary>
    Rename,

    /// <summary>Refuse to copy.</summary>
    Fail,
}

/// <summary>How the copying of a folder stands.</summary>
/// <param name="Status">running, done, incomplete (something could not be copied), cancelled or abandoned.</param>
/// <param name="FolderId">The new folder.</param>
/// <param name="SourceId">The folder that is copied.</param>
/// <param name="Files">How many files there are to copy, as was found when it began.</param>
/// <param name="FilesCopied">How many have been.</param>
/// <param name="Bytes">How many bytes there are to copy, as was found when it began.</param>
/// <param name="BytesCopied">How many have been.</param>
/// <param name="Failures">What could not be copied, and why: the first hundred.</param>
public sealed record CopyReply(
    CopyId Id, string Status, FolderId FolderId, FolderId SourceId, int Files, int FilesCopied, long Bytes, long BytesCopied,
    IReadOnlyList<CopyFailureView> Failures);

/// <summary>A file or folder that could not be copied.</summary>
/// <param name="Id">A file's or a folder's id.</param>
/// <param name="Code">The code of the problem.</param>
public sealed record CopyFailureView(Guid Id, string Code);

internal sealed class CopyFolderShape : AbstractValidator<CopyFolder>
{
    public CopyFolderShape()
    {
        RuleFor(ask => ask.OnConflict).IsInEnum();
        RuleFor(ask => ask.Name).Custom((name, shape) =>
        {
            if (name is not null && EntryName.Problem(name) is { } problem)
                shape.AddFailure(problem);
        });
    }
}
