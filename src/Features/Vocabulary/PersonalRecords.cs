namespace EventFiles.Features.Vocabulary;

/// <summary>
/// What a slice keeps of a person, told to that person alone: plain records of names that people understand, without
/// digests of secrets and without what is personal to others, who appear as ids. Each slice offers as many as it keeps.
/// </summary>
public interface IPersonalRecords
{
    /// <summary>A word in camel case: <c>sessions</c>.</summary>
    string Name { get; }

    /// <summary>All of them, as they stand now.</summary>
    IAsyncEnumerable<object> Of(AccountId person, CancellationToken cancel);
}
