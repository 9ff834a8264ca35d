using System.Collections.Immutable;
using System.Text.Json;
using FluentValidation;
using MediatR;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>A request whose shape is wrong is refused before any handler sees it.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) :
    IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IAnswer<TResponse>
{
    private readonly IValidator<TRequest>[] validators = [.. validators];

    public async Task<TResponse> Handle(
        TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        Dictionary<string, List<string>>? errors = null;
        foreach (var validator in validators)
        {
            foreach (var failure in (await validator.ValidateAsync(request, cancellationToken)).Errors)
            {
                errors ??= new(StringComparer.Ordinal);
                var path = CamelCase(failure.PropertyName);
                if (!errors.TryGetValue(path, out var texts))
                    errors.Add(path, texts = []);
                texts.Add(failure.ErrorMessage);
            }
        }

        return errors is null ? await next() : TResponse.Refuse(PipelineServices.WrongShape with
        {
            Errors = errors.ToImmutableDictionary(error => error.Key, error => error.Value.ToArray(), StringComparer.Ordinal),
        });
    }

    // As the client wrote it: "Body.Items[0].SizeBytes" is "body.items[0].sizeBytes" in its JSON.
    private static string CamelCase(string? path) =>
        string.Join('.', (path ?? "").Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
}
