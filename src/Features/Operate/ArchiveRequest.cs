using MediatR;

namespace EventFiles.Features.Operate;

/// <summary>Archives the streams that have been over for the grace.</summary>
public sealed record ArchiveStreams : IRequest<Answer<Done>>;
