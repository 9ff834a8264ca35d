using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(EventFiles.Journeys.Tests.LongestFirst))]

namespace EventFiles.Journeys.Tests;

/// <summary>Faults come one at a time and take longest: begun last, they would be waited for when all else is done.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => collection.TestCollectionDisplayName.StartsWith("Faults", StringComparison.Ordinal))
            .ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];
}
