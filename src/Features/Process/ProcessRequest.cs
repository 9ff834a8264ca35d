using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Process;

/// <summary>Has a processor make a variant of a file's current version.</summary>
public sealed record ProcessFile(Caller By, FileId File, string Processor, ProcessOptions Options) :
    IRequest<Answer<ProcessAccepted>>, IAsked;

/// <summary>How one job stands.</summary>
public sealed record ReadJob(Caller By, JobId Job) : IRequest<Answer<JobReply>>, IAsked;

/// <summary>Which processors there are.</summary>
public sealed record ListProcessors : IRequest<Answer<ProcessorList>>;

/// <summary>Runs those of a file's steps that have not ended and are not running elsewhere.</summary>
public sealed record RunSteps(AccountId Owner, FileId File, ImmutableArray<JobId> Jobs) : IWork;

/// <summary>Runs those that have never begun: they may have waited for the scanner.</summary>
public sealed record ResumeSteps(AccountId Owner, FileId File) : IWork;

/// <summary>The picture is fitted into width and height, keeps its proportions and is never enlarged.</summary>
/// <param name="Width">Pixels, 1 to 4096; without it the height alone decides.</param>
/// <param name="Height">Pixels, 1 to 4096; without it the width alone decides.</param>
public sealed record ProcessOptions(int? Width = null, int? Height = null)
{
    /// <summary>Options that no processor has: the request is refused.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; init; }
}

/// <summary>The job that makes it, or has made it before.</summary>
/// <param name="JobId">For <c>GET /api/jobs/{id}</c>.</param>
public sealed record ProcessAccepted(JobId JobId);

/// <summary>A processing job.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="FileId">The file it works on.</param>
/// <param name="Version">The version of the file it works on.</param>
/// <param name="Processor">Its processor.</param>
/// <param name="Variant">The name of what it makes, as in <c>GET /api/files/{id}/variants/{name}</c>.</param>
/// <param name="Status">queued, running, delayed, succeeded, failed or cancelled.</param>
/// <param name="Attempts">How many attempts have begun.</param>
/// <param name="Error">Why it failed, or why the last attempt did; null when nothing went wrong.</param>
/// <param name="NextAttemptAt">When a delayed job is tried again; else null.</param>
/// <param name="CreatedAt">When it was planned.</param>
/// <param name="EndedAt">When it succeeded or failed; null before.</param>
public sealed record JobReply(
    JobId Id, FileId FileId, int Version, string Processor, string Variant, StepStatus Status, int Attempts,
    JobError? Error, DateTimeOffset? NextAttemptAt, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);

/// <summary>What went wrong.</summary>
/// <param name="Code">Stable: <c>corrupt</c>, <c>encrypted</c>, <c>too-large</c>, <c>too-many-pixels</c>, <c>too-slow</c>, <c>too-hungry</c>, <c>crashed</c>, <c>original-missing</c>, <c>timed-out</c>, <c>gave-up</c>, <c>unavailable</c>, <c>infected</c>.</param>
/// <param name="Detail">For a person.</param>
public sealed record JobError(string Code, string Detail);

/// <summary>All processors.</summary>
/// <param name="Items">By name.</param>
public sealed record ProcessorList(IReadOnlyList<ProcessorReply> Items);

/// <summary>A processor that a file may be sent through.</summary>
/// <param name="Name">For <c>POST /api/files/{id}/process</c>.</param>
/// <param name="Version">Changes when it makes something else of the same bytes.</param>
/// <param name="Summary">What it makes.</param>
/// <param name="ContentTypes">Media types it works on.</param>
/// <param name="Options">What may be set.</param>
public sealed record ProcessorReply(
    string Name, string Version, string Summary, IReadOnlyList<string> ContentTypes, IReadOnlyList<ProcessorOption> Options);

/// <summary>One option of a processor.</summary>
/// <param name="Name">Its name in <c>options</c>.</param>
/// <param name="Minimum">The smallest value.</param>
/// <param name="Maximum">The largest value.</param>
/// <param name="Default">What holds when no option is given.</param>
public sealed record ProcessorOption(string Name, int Minimum, int Maximum, int Default);

internal sealed class ProcessFileShape : AbstractValidator<ProcessFile>
{
    public ProcessFileShape()
    {
        RuleFor(ask => ask.Processor).NotEmpty().MaximumLength(64);
        RuleFor(ask => ask.Options.Width).InclusiveBetween(1, Processor.MaxSide).OverridePropertyName("options.width");
        RuleFor(ask => ask.Options.Height).InclusiveBetween(1, Processor.MaxSide).OverridePropertyName("options.height");
        RuleFor(ask => ask.Options.Others).Must(others => others is not { Count: > 0 })
            .OverridePropertyName("options").WithMessage("There are no options but width and height.");
    }
}
