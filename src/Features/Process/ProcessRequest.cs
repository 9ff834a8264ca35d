using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FluentValidation;
using MediatR;

namespace EventFiles.Features.Process;

/// <summary>Has a processor make a variant of a file's current version.</summary>
public sealed record ProcessFile(Caller By, FileId File, string Processor, IReadOnlyDictionary<string, JsonElement> Options) :
    IRequest<Answer<ProcessAccepted>>, IAsked;

/// <summary>How one job stands.</summary>
public sealed record ReadJob(Caller By, JobId Job) : IRequest<Answer<JobReply>>, IAsked;

/// <summary>What was made of a file's current version, by whom, and whether it would be something else today.</summary>
public sealed record ListVariants(Caller By, FileId File) : IRequest<Answer<VariantList>>, IAsked;

/// <summary>Which processors there are.</summary>
public sealed record ListProcessors : IRequest<Answer<ProcessorList>>;

/// <summary>Runs those of a file's steps that have not ended and are not running elsewhere.</summary>
public sealed record RunSteps(AccountId Owner, FileId File, ImmutableArray<JobId> Jobs) : IWork;

/// <summary>The same, of a type of which it takes long: in a line of its own, so that small pictures do not stand behind it.</summary>
public sealed record RunLongSteps(AccountId Owner, FileId File, ImmutableArray<JobId> Jobs) : IWork;

/// <summary>Runs those that have never begun and do not take long: they may have waited for the scanner.</summary>
public sealed record ResumeSteps(AccountId Owner, FileId File) : IWork
{
    /// <summary>What failed as infected is made after all.</summary>
    public bool IsReleased { get; init; }
}

/// <summary>The same for those that take long.</summary>
public sealed record ResumeLongSteps(AccountId Owner, FileId File) : IWork;

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
/// <param name="Since">When it took on this status.</param>
/// <param name="Options">What is set, what tells of persons left out; null for a job of a former version.</param>
/// <param name="ProcessorVersion">The version of the processor that made it; null while nothing is made.</param>
/// <param name="IsStale">Today's version of the processor would make something else.</param>
public sealed record JobReply(
    JobId Id, FileId FileId, int Version, string Processor, string Variant, StepStatus Status, int Attempts,
    JobError? Error, DateTimeOffset? NextAttemptAt, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt,
    DateTimeOffset Since, JsonObject? Options, string? ProcessorVersion, bool IsStale);

/// <summary>What was made of a file's current version.</summary>
/// <param name="Items">In the order in which it was asked for.</param>
public sealed record VariantList(IReadOnlyList<MadeVariantReply> Items);

/// <summary>A variant, and how it was made.</summary>
/// <param name="Name">As in <c>GET /api/files/{id}/variants/{name}</c>.</param>
/// <param name="SizeBytes">Bytes.</param>
/// <param name="Width">Of a picture, in pixels; else 0.</param>
/// <param name="Height">The same.</param>
/// <param name="Processor">Who made it.</param>
/// <param name="ProcessorVersion">Which version of it.</param>
/// <param name="Options">With which options, what tells of persons left out; null for a variant of a former program.</param>
/// <param name="IsStale">Today's version of the processor would make something else.</param>
/// <param name="JobId">The job that made it.</param>
public sealed record MadeVariantReply(
    string Name, string ContentType, [property: JsonPropertyName("size")] long SizeBytes, int Width, int Height, string Processor,
    string ProcessorVersion, JsonObject? Options, bool IsStale, JobId JobId, DateTimeOffset MadeAt);

/// <summary>What went wrong.</summary>
/// <param name="Code">Stable: <c>corrupt</c>, <c>encrypted</c>, <c>too-large</c>, <c>too-many-pixels</c>, <c>too-slow</c>, <c>too-hungry</c>, <c>crashed</c>, <c>no-such-page</c>, <c>no-such-second</c>, <c>no-video</c>, <c>no-audio</c>, <c>too-long</c>, <c>too-many-streams</c>, <c>original-missing</c>, <c>timed-out</c>, <c>gave-up</c>, <c>unavailable</c>, <c>infected</c>; of what is to be laid over it <c>mark-missing</c>, <c>mark-closed</c>, <c>mark-corrupt</c>, <c>mark-too-many-pixels</c>, <c>mark-too-large</c>.</param>
/// <param name="Detail">For a person.</param>
public sealed record JobError(string Code, string Detail);

/// <summary>All processors.</summary>
/// <param name="Items">By name.</param>
/// <param name="Chains">What happens to every new version of a type, stage by stage; other types are scanned and indexed by their names only.</param>
public sealed record ProcessorList(IReadOnlyList<ProcessorReply> Items, IReadOnlyList<TypeChain> Chains);

/// <summary>A processor that a file may be sent through.</summary>
/// <param name="Name">For <c>POST /api/files/{id}/process</c>.</param>
/// <param name="Version">Changes when it makes something else of the same bytes.</param>
/// <param name="Summary">What it makes.</param>
/// <param name="ContentTypes">Media types it works on.</param>
/// <param name="OptionsSchema">What may be set, as a JSON schema (2020-12).</param>
/// <param name="IsAutomatic">Whether it runs on every new version of some of these types.</param>
/// <param name="UnavailableContentTypes">Those of the media types for which this server lacks a program: nothing is made of them.</param>
public sealed record ProcessorReply(
    string Name, string Version, string Summary, IReadOnlyList<string> ContentTypes, JsonObject OptionsSchema, bool IsAutomatic,
    IReadOnlyList<string> UnavailableContentTypes);

internal sealed class ProcessFileShape : AbstractValidator<ProcessFile>
{
    public ProcessFileShape()
    {
        RuleFor(ask => ask.Processor).NotEmpty().MaximumLength(64);
    }
}
