namespace EventFiles.Infrastructure.Limits;

/// <summary>Counts requests. Safe for concurrent use; what is counted may be lost at any time.</summary>
internal interface IRequestLimits
{
    /// <summary>Counts a request when it is within the limit.</summary>
    /// <param name="who">Who is counted, and by what.</param>
    ValueTask<LimitLeft> Take(string who, RequestLimit limit, CancellationToken cancel);
}
