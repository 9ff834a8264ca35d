using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Upload;

public sealed class PartPlanTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(8 * MiB, 1, 8 * MiB)]
    [InlineData((8 * MiB) + 1, 2, 1)]
    [InlineData(5L << 30, 640, 8 * MiB)]
    [InlineData(10_000 * 8 * MiB, 10_000, 8 * MiB)]
    public void A_file_is_cut_into_parts_of_the_usual_size(long sizeBytes, int count, long lastBytes)
    {
        var plan = PartPlan.Of(sizeBytes, 8 * MiB);
        Assert.Equal((8 * MiB, count), (plan.PartBytes, plan.Count));
        Assert.Equal(lastBytes, plan.All()[^1].SizeBytes);
        Assert.Equal(sizeBytes, plan.All().Sum(part => part.SizeBytes));
        Assert.Equal(Enumerable.Range(1, count), plan.All().Select(part => part.Number));
    }

    [Theory]
    [InlineData((10_000 * 8 * MiB) + 1)]
    [InlineData(1L << 40)]
    [InlineData(5L << 40)]
    public void No_file_has_more_parts_than_S3_takes(long sizeBytes)
    {
        var plan = PartPlan.Of(sizeBytes, 8 * MiB);
        Assert.InRange(plan.Count, 8_000, 10_000);
        Assert.Equal(sizeBytes, plan.All().Sum(part => part.SizeBytes));
    }

    [Fact]
    public void A_part_that_is_shorter_is_missing_as_one_that_is_not_there()
    {
        var plan = PartPlan.Of((2 * 8 * MiB) + 5, 8 * MiB);
        Assert.Equal([1, 2, 3], plan.MissingIn([]).Select(part => part.Number));
        Assert.Equal([2, 3], plan.MissingIn([new(1, 8 * MiB), new(2, 7), new(3, 6)]).Select(part => part.Number));
        Assert.Empty(plan.MissingIn([new(3, 5), new(2, 8 * MiB), new(1, 8 * MiB)]));
    }

    [Fact]
    public void A_page_ends_where_the_parts_end()
    {
        var plan = PartPlan.Of((2 * 8 * MiB) + 5, 8 * MiB);
        Assert.Equal([2, 3], plan.From(2, 100).Select(part => part.Number));
        Assert.Equal([1], plan.From(1, 1).Select(part => part.Number));
        Assert.Empty(plan.From(4, 1));
    }
}
