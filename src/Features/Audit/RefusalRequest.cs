using MediatR;

namespace EventFiles.Features.Audit;

/// <summary>Writes down that something was refused; answers where.</summary>
public sealed record RecordRefusal(Guid Refusal, RefusedRequest Refused) : IRequest<Answer<RefusalPlace>>;

/// <summary>Where a refusal stands.</summary>
public sealed record RefusalPlace(StreamId Stream);

/// <summary>Writes down how often the same was refused again.</summary>
/// <param name="Stream">Where the first time stands.</param>
public sealed record RecordRepeats(Guid Refusal, StreamId Stream, int Times, DateTimeOffset Until) : IRequest<Answer<Done>>;

/// <summary>Writes down how many refusals were only counted.</summary>
/// <param name="Whose">Whose requests they were.</param>
public sealed record RecordCount(Guid Refusal, AccountId Whose, int Times, DateTimeOffset From, DateTimeOffset Until) : IRequest<Answer<Done>>;
