using FluentValidation;
using MediatR;

namespace EventFiles.Features.Process;

/// <summary>Which variants are made anew. What is said narrows; nothing said is all. What is under way is left alone.</summary>
/// <param name="Processor">Only those of this processor.</param>
/// <param name="VersionBelow">Only those that a lower version of their processor made.</param>
/// <param name="Type">Only of files of this media type, such as <c>image/png</c> or <c>image/*</c>.</param>
/// <param name="Variant">Only the variant of this name.</param>
/// <param name="Stale">Only those of which today's processor would make something else.</param>
/// <param name="Failed">Only those that failed.</param>
/// <param name="Missing">Only those that are made of every new version today, and were not when this one came.</param>
public sealed record RerunWhere(
    string? Processor = null, int? VersionBelow = null, string? Type = null, string? Variant = null, bool Stale = false,
    bool Failed = false, bool Missing = false);

/// <summary>Makes variants of a file's current version anew.</summary>
public sealed record RerunFile(Caller By, FileId File, RerunWhere Where) : IRequest<Answer<RerunReply>>, IAsked;

/// <summary>The same for a page of all files of everybody.</summary>
/// <param name="By">An administrator.</param>
public sealed record RerunPage(Caller By, RerunWhere Where, bool DryRun, string? Cursor, int Limit) : IRequest<Answer<RerunReply>>, IAsked;

/// <summary>What was planned.</summary>
/// <param name="Seen">How many files were looked at.</param>
/// <param name="Files">Of how many files something is made anew.</param>
/// <param name="Steps">How many variants.</param>
/// <param name="NextCursor">To go on with; null when all files were seen.</param>
public sealed record RerunReply(int Seen, int Files, int Steps, string? NextCursor);

internal sealed class RerunFileShape : AbstractValidator<RerunFile>
{
    public RerunFileShape() => RuleFor(ask => ask.Where).SetValidator(new RerunWhereShape());
}

internal sealed class RerunPageShape : AbstractValidator<RerunPage>
{
    public RerunPageShape()
    {
        RuleFor(ask => ask.Where).NotNull().SetValidator(new RerunWhereShape());
        RuleFor(ask => ask.Limit).InclusiveBetween(1, 500);
    }
}

internal sealed class RerunWhereShape : AbstractValidator<RerunWhere>
{
    public RerunWhereShape()
    {
        RuleFor(where => where.Processor).Must(name => name is null || ProcessorRegistry.Find(name) is not null)
            .WithMessage("There is no processor of that name.");
        RuleFor(where => where.VersionBelow).GreaterThan(0);
        RuleFor(where => where.Type).MaximumLength(255);
        RuleFor(where => where.Variant).MaximumLength(255);
    }
}
